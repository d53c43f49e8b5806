/* ctype.h - <ctype.h> in the C locale: the functions, and the tables that the macros
 * of glibc look into. Read after libc.h. */
int isdigit(int c) { return c >= '0' && c <= '9'; }
int isupper(int c) { return c >= 'A' && c <= 'Z'; }
int islower(int c) { return c >= 'a' && c <= 'z'; }
int isalpha(int c) { return isupper(c) || islower(c); }
int isalnum(int c) { return isalpha(c) || isdigit(c); }
int isspace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
int isblank(int c) { return c == ' ' || c == '\t'; }
int isprint(int c) { return c >= ' ' && c <= '~'; }
int isgraph(int c) { return c > ' ' && c <= '~'; }
int iscntrl(int c) { return (c >= 0 && c < ' ') || c == 127; }
int ispunct(int c) { return isgraph(c) && !isalnum(c); }
int isxdigit(int c) { return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int toupper(int c) { return islower(c) ? c - 'a' + 'A' : c; }
int tolower(int c) { return isupper(c) ? c - 'A' + 'a' : c; }

/* One bit a class, where glibc has them: alpha is 0x400, say. */
#define CHARS(from, to) [128 + (from) ... 128 + (to)]
static const unsigned short ctype_classes[384] = {
    CHARS(0, 8) = 0x0002, CHARS('\t', '\t') = 0x2003, CHARS('\n', '\r') = 0x2002, CHARS(14, 31) = 0x0002,
    CHARS(' ', ' ') = 0x6001, CHARS('!', '/') = 0xc004, CHARS('0', '9') = 0xd808, CHARS(':', '@') = 0xc004,
    CHARS('A', 'F') = 0xd508, CHARS('G', 'Z') = 0xc508, CHARS('[', '`') = 0xc004, CHARS('a', 'f') = 0xd608,
    CHARS('g', 'z') = 0xc608, CHARS('{', '~') = 0xc004, CHARS(127, 127) = 0x0002,
};
static const unsigned short *const ctype_classes_at = ctype_classes + 128;
const unsigned short **__ctype_b_loc(void) { return (const unsigned short **)&ctype_classes_at; }

/* Bytes below 0 are the same as those 256 above; EOF stays EOF. */
#define R8(n)    (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7
#define R64(n)   R8(n), R8((n) + 8), R8((n) + 16), R8((n) + 24), R8((n) + 32), R8((n) + 40), R8((n) + 48), R8((n) + 56)
#define LETTERS(n) R8(n), R8((n) + 8), R8((n) + 16), (n) + 24, (n) + 25
#define TABLE(upper, lower)                                                                    \
    R64(128), R8(192), R8(200), R8(208), R8(216), R8(224), R8(232), R8(240),                   \
    248, 249, 250, 251, 252, 253, 254, -1,                                                     \
    R64(0), 64, LETTERS(upper), 91, 92, 93, 94, 95, 96, LETTERS(lower), 123, 124, 125, 126, 127, \
    R64(128), R64(192)
static const int ctype_lower[384] = { TABLE('a', 'a') }, *const ctype_lower_at = ctype_lower + 128;
static const int ctype_upper[384] = { TABLE('A', 'A') }, *const ctype_upper_at = ctype_upper + 128;
const int **__ctype_tolower_loc(void) { return (const int **)&ctype_lower_at; }
const int **__ctype_toupper_loc(void) { return (const int **)&ctype_upper_at; }
