package redisbus

import "github.com/redis/go-redis/v9"

// What a shard is at a time is a hash: epoch; n, the last offset; and run, the id of the
// server that the epoch belongs to. Numbers are formatted as whole ones, for Lua's are
// floats.

// beginScript begins an epoch if the server is another one than before.
//
//	KEYS  state
//	ARGV  run id of the server, a new epoch
var beginScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then
	redis.call('HSET', KEYS[1], 'run', ARGV[1], 'epoch', ARGV[2])
end
return redis.call('HMGET', KEYS[1], 'epoch', 'n')
`)

// publishScript adds a record to the stream of all, and to that of its topic unless
// there is none. It does nothing in another epoch than the publisher's.
//
//	KEYS  state, stream of all, stream of the topic
//	ARGV  epoch, topic, record, length of the streams, age in milliseconds
var publishScript = redis.NewScript(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch ~= ARGV[1] then return {epoch, '0'} end
local n = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'n', 1))
local now = redis.call('TIME')
local ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], n .. '-0', 'e', epoch, 't', ARGV[2], 'm', ms, 'r', ARGV[3])
if ARGV[2] ~= '' then
	redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[5], n .. '-0', 'm', ms, 'r', ARGV[3])
	redis.call('PEXPIRE', KEYS[3], ARGV[6])
end
return {epoch, n}
`)

// historyScript returns all that History has to know, of one moment: epoch and last
// offset; how many entries of the topic there are, and the oldest; those after an offset,
// and the latest; the oldest entry of all topics, and the first after the offset; the
// time in milliseconds. An id is an offset and -0, so what begins with -1 is after it;
// "(" says the same from Redis 6.2 on.
//
//	KEYS  state, stream of all, stream of the topic
//	ARGV  the offset, how many of the latest
var historyScript = redis.NewScript(`
local now = redis.call('TIME')
local latest = {}
if ARGV[2] ~= '0' then latest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', ARGV[2]) end
return {
	redis.call('HMGET', KEYS[1], 'epoch', 'n'),
	redis.call('XLEN', KEYS[3]),
	redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1),
	redis.call('XRANGE', KEYS[3], ARGV[1] .. '-1', '+'),
	latest,
	redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1),
	redis.call('XRANGE', KEYS[2], ARGV[1] .. '-1', '+', 'COUNT', 1),
	string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)),
}
`)
