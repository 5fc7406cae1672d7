# Each target is one line that calls a script in scripts/; `make help` lists them.
# ARGS goes to the program of a target, FOR is a duration such as 60s, 5m or 2h.
FOR ?= 60s

.DEFAULT_GOAL := help
.PHONY: demo test lint bench fuzz soak screenshots clean help

demo: ## build Decorum and show it on simulated phones (ARGS="--once")
	@scripts/demo $(ARGS)

test: ## lint, all Rust tests, and the tests with other people's clients (ARGS="rust")
	@scripts/test $(ARGS)

lint: ## formatting, clippy, docs, shell scripts, Python, dependencies
	@scripts/lint

bench: ## measure (ARGS is handed to the benchmarks)
	@scripts/bench $(ARGS)

fuzz: ## search for inputs that break a promise until the time is over (FOR=60s)
	@scripts/fuzz "$(FOR)" $(ARGS)

soak: ## kill the whole system again and again until the time is over (FOR=60s)
	@scripts/soak "$(FOR)"

screenshots: ## take pictures of the simulated phone (ARGS is the folder)
	@scripts/screenshots $(ARGS)

clean: ## remove everything that was built or installed into this folder
	@scripts/clean

help: ## this list
	@scripts/help
