# Every target is bootstrap.py's command of that name; this file only passes it on.
# e.g.: make demo · make demo ARGS=--direct · make bench ONLY=chain · make package BOX=loader · make fuzz SEED=2 COUNT=10000
PYTHON ?= python3

demo test stack bench fuzz package jars:
	@$(PYTHON) bootstrap.py $@ $(if $(ONLY),--only $(ONLY)) $(if $(BOX),--box $(BOX)) \
		$(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT)) $(if $(JOBS),--jobs $(JOBS)) $(ARGS)

.PHONY: demo test stack bench fuzz package jars
