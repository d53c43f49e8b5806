# cmake -DOUTPUT=x.c "-DFILES=a|b" -P build_id.cmake
# Writes a C file with parser_build: a hash of what chanleak and chanleak-parse must have in common.
string(REPLACE "|" ";" FILES "${FILES}")
set(all "")
foreach(file ${FILES})
  file(SHA256 ${file} hash)
  string(APPEND all ${hash})
endforeach()
string(SHA256 all "${all}")
string(SUBSTRING ${all} 0 16 all)
file(WRITE ${OUTPUT} "#include \"parser.h\"\nconst char parser_build[] = \"${all}\";\n")
