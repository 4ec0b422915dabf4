# SPDX-License-Identifier: MIT
#
# Part of the Makefile: what the benchmark runs beside UniFaaS itself.
#
#	make bench		install what it needs, build, measure, print the table
#	BENCH_ROUNDS=5		how often everything is measured; medians of these

BENCH_BIN := $(addprefix $(O)/bench/,bare_path cgi commits hello machine queue ready request spawn)
FLOORS_OBJ := $(call objs,cli/floors cli/floors/$(ARCH)) $(O)/host/cli/stats.o

.PHONY: bench bench-bin
bench-bin: $(BENCH_BIN)
bench:
	$(Q)tools/deps build run bench
	$(Q)$(MAKE) --no-print-directory all bench-bin
	$(Q)tests/bench/run.sh

$(O)/bench/bare_path $(O)/bench/cgi: $(O)/host/tests/bench/serve.o
$(addprefix $(O)/bench/,queue ready request): $(O)/host/tests/bench/client.o
$(O)/bench/commits: BENCH_LIBS = $(call libs,sqlite3)
$(O)/bench/hello: $(O)/host/tests/bench/hello.o
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) -static $^ -o $@
$(O)/bench/%: $(O)/host/tests/bench/%.o $(FLOORS_OBJ) $(BASE_OBJ)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(HOST_LINK) $^ -o $@ $(BENCH_LIBS)
