# Every target is bootstrap.py's command of that name; this file only passes it on.
# e.g.: make demo · make demo ARGS=--direct · make bench ONLY=chain · make package BOX=loader
PYTHON ?= python3

demo test stack bench package jars:
	@$(PYTHON) bootstrap.py $@ $(if $(ONLY),--only $(ONLY)) $(if $(BOX),--box $(BOX)) $(ARGS)

.PHONY: demo test stack bench package jars
