# cmake -DNAME=symbol -DOUTPUT=x.c "-DFILES=a|b" -P embed.cmake
# Writes a C file with the bytes of each file and a table NAME of
# struct embedded { name, text }, ended by a NULL name.
string(REPLACE "|" ";" FILES "${FILES}")
set(code "#include \"embedded.h\"\n")
set(table "")
set(n 0)
foreach(file ${FILES})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  get_filename_component(base ${file} NAME)
  string(APPEND code "static const char file${n}[] = {${bytes}0};\n")
  string(APPEND table "    { \"${base}\", file${n} },\n")
  math(EXPR n "${n} + 1")
endforeach()
string(APPEND code "const struct embedded ${NAME}[] = {\n${table}    { 0, 0 },\n};\n")
file(WRITE ${OUTPUT} "${code}")
