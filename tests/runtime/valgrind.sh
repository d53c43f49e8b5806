#!/bin/sh
# valgrind.sh VALGRIND PROGRAM... - each program under memcheck. Children that abort on
# purpose run without it. What is left at the end is not looked for: it fails no test, and all address space that
# is set aside for stacks would be read for it.
valgrind=$1
shift
status=0
for program; do
    CHANRT_THREADS=2 CMOCKA_TEST_ABORT=1 "$valgrind" -q --error-exitcode=9 --leak-check=no \
        --fair-sched=try "$program" 2>"$program.valgrind" && continue
    echo "FAILED under valgrind: $program"
    cat "$program.valgrind"
    status=1
done
exit $status
