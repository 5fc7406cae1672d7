# Each target is one line that calls a script in scripts/; `make help` lists them.
# ARGS goes to the program of a target, FOR is a duration such as 60s, 5m or 2h, SECONDS the same
# as a number.
FOR ?= $(if $(SECONDS),$(SECONDS)s,60s)

.DEFAULT_GOAL := help
.PHONY: demo web test lint bench drill simulate fuzz mutants soak fleet screenshots clean help

demo: ## build Decorum and show it on simulated phones (ARGS="--once")
	@scripts/demo $(ARGS)

web: ## build the dashboard, which a release carries in it
	@scripts/web

test: ## lint, all Rust tests, and the tests with other people's clients (ARGS="rust")
	@scripts/test $(ARGS)

lint: ## formatting, clippy, docs, shell scripts, Python, dependencies
	@scripts/lint

bench: ## measure (ARGS is handed to the benchmarks)
	@scripts/bench $(ARGS)

drill: ## kill the primary of a MongoDB replica set under writers that race (ARGS="failover --minutes 3")
	@scripts/drill $(ARGS)

simulate: ## play the way of an engagement on virtual time, with faults everywhere (ARGS="--seconds 3600")
	@scripts/simulate $(ARGS)

fuzz: ## search for inputs that break a promise until the time is over (FOR=60s)
	@scripts/fuzz "$(FOR)" $(ARGS)

mutants: ## change the core in one place after the other: which change does no test notice? (ARGS="--file '**/lease.rs'")
	@scripts/mutants $(ARGS)

soak: ## break the whole system at random until the time is over (SECONDS=300 ARGS="--store mongodb")
	@scripts/soak "$(FOR)" $(ARGS)

fleet: ## 20 phones, 60 accounts, 3 workers, 5,000 people shared by all, judged by the phones (ARGS="--phones 5")
	@scripts/fleet $(ARGS)

screenshots: ## take pictures of the simulated phone and of the dashboard (ARGS is the folder)
	@scripts/screenshots $(ARGS)

clean: ## remove everything that was built or installed into this folder
	@scripts/clean

help: ## this list
	@scripts/help
