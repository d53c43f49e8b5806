#!/bin/sh
# run.sh BUILD SOURCE SCRATCH CC [CXX] - install BUILD, and build and run programs outside the
# tree against what was installed: with pkg-config and with find_package, after the prefix has
# been moved. SOURCE is this folder.
set -eu
build=$1 source=$2 scratch=$3 cc=$4 cxx=${5-}

fail() {
    echo "$*" >&2
    exit 1
}

rm -rf "$scratch"
mkdir -p "$scratch"

# Staged for packaging, then somewhere else.
DESTDIR=$scratch/stage cmake --install "$build" --prefix /usr/local >"$scratch/install.log"
mv "$scratch/stage/usr/local" "$scratch/moved"
prefix=$scratch/moved
[ "$(ls "$prefix/include")" = chanrt.h ] || fail "more than chanrt.h is public"
[ -x "$prefix/bin/chanleak" ] || fail "no bin/chanleak"
[ -f "$prefix/share/chanrt/chanrt-gdb.py" ] || fail "no share/chanrt/chanrt-gdb.py"
if grep -rlF "$build" "$prefix/lib"*/*/ --include=*.cmake --include=*.pc ||
   grep -rlF "$source" "$prefix/lib"*/*/ --include=*.cmake --include=*.pc; then
    fail "installed files name folders of the build"
fi

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name chanrt.pc)")
export PKG_CONFIG_PATH
warnings="-std=gnu11 -Wall -Wextra -Werror"
$cc $warnings $(pkg-config --cflags chanrt) "$source/program.c" -o "$scratch/plain" \
    $(pkg-config --libs chanrt)
$cc $warnings -DDEBUG_LIBRARY $(pkg-config --cflags chanrt-debug) "$source/program.c" \
    -o "$scratch/served" $(pkg-config --libs chanrt-debug)
$cc $warnings -static $(pkg-config --static --cflags chanrt) "$source/program.c" \
    -o "$scratch/static" $(pkg-config --static --libs chanrt)
programs="$scratch/plain $scratch/served $scratch/static"

cmake -S "$source" -B "$scratch/cmake" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$prefix" \
    >"$scratch/cmake.log" || fail "$(cat "$scratch/cmake.log")"
cmake --build "$scratch/cmake" >"$scratch/build.log" || fail "$(cat "$scratch/build.log")"
programs="$programs $scratch/cmake/plain $scratch/cmake/served"

for program in $programs; do
    [ "$("$program")" = 55 ] || fail "$program did not print 55"
done

if [ -n "$cxx" ]; then
    $cxx -Wall -Wextra -Werror $(pkg-config --cflags chanrt) "$source/program.cpp" \
        -o "$scratch/cpp" $(pkg-config --libs chanrt)
    [ "$("$scratch/cpp")" = 42 ] || fail "the C++ program did not print 42"
else
    echo "no C++ compiler: the header was not tried in C++"
fi

# Programs are told what the guards under stacks need.
if $cc -Werror -fstack-clash-protection -c -x c /dev/null -o "$scratch/clash.o" 2>/dev/null; then
    pkg-config --cflags chanrt | grep -q fstack-clash-protection || fail "chanrt.pc has no such flag"
    cmake --build "$scratch/cmake" --clean-first --verbose | grep -q fstack-clash-protection ||
        fail "the CMake package has no such option"
fi

cmake -S "$source/../../../runtime" -B "$scratch/alone" -DCMAKE_C_COMPILER="$cc" \
    >"$scratch/alone.log" 2>&1 && fail "runtime/ was taken for a project"
grep -q "no project here" "$scratch/alone.log" || fail "$(cat "$scratch/alone.log")"

cmake -S "$source/../standalone" -B "$scratch/shared" -DBUILD_SHARED_LIBS=ON -DCHANLEAK_SANITIZE= \
    >"$scratch/shared.log" 2>&1 && fail "BUILD_SHARED_LIBS was accepted"
grep -q "libchanrt is a static library only" "$scratch/shared.log" || fail "$(cat "$scratch/shared.log")"
