package bench

import "errors"

func (r *Result) WriteHTMLFile(name string) error { return errors.New("x") }
