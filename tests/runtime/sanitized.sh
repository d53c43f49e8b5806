#!/bin/sh
# sanitized.sh asan|tsan SOURCE BUILD GENERATOR COMPILER - build runtime and tests with the
# sanitizers and run them.
set -e
case $1 in
asan) flags=address,undefined ;;
tsan) flags=thread ;;
*) echo "unknown sanitizer '$1'" >&2; exit 2 ;;
esac
cmake -S "$2" -B "$3" -G "$4" -DCMAKE_C_COMPILER="$5" -DCHANLEAK_SANITIZE=$flags >/dev/null
cmake --build "$3" --parallel 2 >"$3/build.log" || { cat "$3/build.log"; exit 1; }
cd "$3"
# TSan waits a second at every exit for races still to come.
export TSAN_OPTIONS="atexit_sleep_ms=0 $TSAN_OPTIONS"
exec ctest --output-on-failure --parallel 2
