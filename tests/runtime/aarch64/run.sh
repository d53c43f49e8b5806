#!/bin/sh
# run.sh SOURCE BUILD GENERATOR - build runtime and tests for aarch64 and run them under qemu.
set -e
cmake -S "$1" -B "$2" -G "$3" -DCMAKE_TOOLCHAIN_FILE="$1/toolchain.cmake" >/dev/null
cmake --build "$2" --parallel 2 >"$2/build.log" || { cat "$2/build.log"; exit 1; }
cd "$2"
exec ctest --output-on-failure --parallel 2
