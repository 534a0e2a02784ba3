# SPDX-License-Identifier: MIT
# A thin front door; the build itself is Meson with ninja (see meson.build).
#
#   make            build into $(BUILD)
#   make demo       install what is missing, build, render data/demo.mid to demo.wav
#   make test       install what is missing, build, run the tests (under 5 minutes on 2 cores)
#   make test-all   what needs more: peers, the 148 MB bank, Wine, sanitizers, other compilers and word sizes
#   make dll        dmsynth.dll for Wine and Windows, 64 and 32 bit, with mingw-w64
#   make soak       24 minutes under Wine (SOAK_MINUTES), 200 events a second
#   make soak-live  30 minutes (SOAK_LIVE_MINUTES) of 256 voices on JACK under load, with and without real-time priority, 10 each of
#                   the latency clock at 1024 and 64 frames
#   make fuzz       fuzz every reader with libFuzzer, FUZZ_SECONDS (30) each
#   make bench      measure speed beside FluidSynth, TiMidity and the bare arithmetic (BENCH='songs start --quick')
#   make bench-page doc/performance.md of what make bench measured
#   make conformance  measure the sound against the rules of DLS: doc/conformance.md
#   make install    PREFIX=/usr/local, DESTDIR= for packaging; with the DLLs if make dll built them
#   make clean

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
SOAK_MINUTES ?= 24
SOAK_LIVE_MINUTES ?= 30
BANK ?= /usr/share/sounds/sf2/TimGM6mb.sf2
MESON ?= meson
export CC CFLAGS LDFLAGS

.PHONY: all demo test test-all dll soak soak-live fuzz bench bench-page conformance install clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@sh scripts/setup.sh build
	@$(MESON) setup $(BUILD) --prefix $(PREFIX) >/dev/null || { tail -n 20 $(BUILD)/meson-logs/meson-log.txt; exit 1; }

demo:
	@sh scripts/setup.sh demo
	@test -f "$(BANK)" || { echo "demo: there is no bank $(BANK); name yours: make demo BANK=FILE" >&2; exit 1; }
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@ninja -C $(BUILD) cli/dmus
	@$(BUILD)/cli/dmus render data/demo.mid -b $(BANK) -o demo.wav -y

test: all
	@$(MESON) test -C $(BUILD) --no-rebuild --no-suite all --print-errorlogs

test-all:
	@sh scripts/setup.sh all
	@sh scripts/test-all.sh

dll:
	@sh scripts/setup.sh dll
	@sh scripts/dll.sh

soak:
	@sh scripts/setup.sh wine
	@sh scripts/dll.sh
	@ninja -C build-dll64 tests/wine/soak.exe >/dev/null
	@python3 tests/wine/soak.py 64 build-dll64 build-dll64/dll/dmsynth.dll build-dll64/tests/wine/soak.exe $(SOAK_MINUTES)

soak-live: all
	@sh scripts/setup.sh all
	@ninja -C $(BUILD) tests/audio/live_client >/dev/null
	@python3 tests/live/soak.py voices $(BUILD)/cli/dmus $(SOAK_LIVE_MINUTES)
	@python3 tests/live/soak.py plain $(BUILD)/cli/dmus $(SOAK_LIVE_MINUTES)
	@python3 tests/live/soak.py clock $(BUILD)/tests/audio/live_client 10
	@python3 tests/live/soak.py clock64 $(BUILD)/tests/audio/live_client 10

fuzz:
	@sh scripts/setup.sh all
	@sh scripts/fuzz.sh

bench: all
	@sh scripts/setup.sh bench
	@sh scripts/bench.sh $(BUILD) $(BENCH)

bench-page:
	@python3 bench/page.py $(BUILD)/bench.json

conformance:
	@sh scripts/setup.sh conformance
	@$(MAKE) --no-print-directory all
	@sh scripts/conformance.sh $(BUILD)

install: all
	@$(MESON) configure $(BUILD) -Dprefix=$(PREFIX)
	@DESTDIR="$(DESTDIR)" $(MESON) install -C $(BUILD)
	@sh scripts/dll.sh install "$(DESTDIR)$(PREFIX)/lib/dmus"

clean:
	@rm -rf $(BUILD) build-*/ demo.wav
