# The same two commands as in the README, for those who like make.
.PHONY: demo test clean

demo: .venv/bin/lomsong
	.venv/bin/lomsong demo

test:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest

.venv/bin/lomsong:
	python3 -m venv .venv && .venv/bin/pip install -q .

clean:
	rm -rf .venv outputs/demo
