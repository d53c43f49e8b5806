/* libc.h - what the functions of the usual C and POSIX library mean.
 *
 * Read once per run, as data: only names, the number of parameters and the
 * annotations count, so pointers are void * and integers whatever is near. Adding a
 * function is adding a line. The words are those of FLOW_OPERATIONS in flow.h:
 *
 *   PURE      the result is unknown, a new one each time; nothing is touched
 *   FUNCTION  the same arguments give the same result, which is unknown; nothing is touched
 *   COMPARES  of the bytes at two addresses: where they are constants the result is known, else as FUNCTION
 *   format    as PURE, but writes the text that snprintf makes of the same arguments, where those are known
 *   WRITES    as PURE, but fills the objects its arguments point at; WRITES_TO(n): that
 *             of argument n only
 * A FUNCTION of memory whose contents are known to change is as good as PURE.
 */
#define M(word)  __attribute__((annotate("chanleak:" word)))
#define PURE     M("pure")
#define FUNCTION M("function")
#define COMPARES M("compare")
#define WRITES   M("writes")
#define WRITES_TO(...) __attribute__((annotate("chanleak:writes", __VA_ARGS__)))
#define NEVER    __attribute__((noreturn))
typedef __SIZE_TYPE__ mem_size;
typedef void file_of_c;         /* FILE, DIR, struct tm, ...: never looked into */

/* ---- memory -------------------------------------------------------------- */
M("alloc") void *malloc(mem_size size);
M("zalloc") void *calloc(mem_size count, mem_size size);
M("realloc") void *realloc(void *p, mem_size size);
void *reallocarray(void *p, mem_size n, mem_size size) { return realloc(p, n * size); }
__attribute__((annotate("chanleak:alloc", 2))) void *aligned_alloc(mem_size align, mem_size size);
__attribute__((annotate("chanleak:alloc", 2))) void *memalign(mem_size align, mem_size size);
M("alloc") void *valloc(mem_size size);
M("alloc") void *alloca(mem_size size);
int posix_memalign(void **p, mem_size align, mem_size size) { *p = malloc(size); (void)align; return 0; }
M("free") void free(void *p);
M("free") void cfree(void *p);
M("copy") void *memcpy(void *to, const void *from, mem_size size);
M("copy") void *memmove(void *to, const void *from, mem_size size);
void *mempcpy(void *to, const void *from, mem_size size) { return (char *)memcpy(to, from, size) + size; }
void bcopy(const void *from, void *to, mem_size size) { memcpy(to, from, size); }
M("fill") void *memset(void *p, int byte, mem_size size);
void bzero(void *p, mem_size size) { memset(p, 0, size); }
void explicit_bzero(void *p, mem_size size) { memset(p, 0, size); }
COMPARES int memcmp(const void *a, const void *b, mem_size n);
COMPARES int bcmp(const void *a, const void *b, mem_size n);
FUNCTION void *memchr(const void *p, int c, mem_size n);
FUNCTION void *memrchr(const void *p, int c, mem_size n);
FUNCTION void *memmem(const void *p, mem_size n, const void *q, mem_size m);
PURE mem_size malloc_usable_size(void *p);
PURE int malloc_trim(mem_size n);
PURE void *mmap(void *p, mem_size n, int a, int b, int c, long d);
PURE int munmap(void *p, mem_size n);
PURE int mprotect(void *p, mem_size n, int prot);
PURE int madvise(void *p, mem_size n, int advice);

/* ---- strings --------------------------------------------------------------- */
M("text_length") mem_size text_length(const char *s, mem_size n, char in_s);
mem_size strlen(const char *s) { return text_length(s, (mem_size)-1, *s); }
mem_size strnlen(const char *s, mem_size n) { return text_length(s, n, *s); }
M("compare_text") int compared_text(const char *a, const char *b, mem_size n, char in_a, char in_b);
M("compare_folded") int compared_folded(const char *a, const char *b, mem_size n, char in_a, char in_b);
int strcmp(const char *a, const char *b) { return compared_text(a, b, (mem_size)-1, *a, *b); }
int strncmp(const char *a, const char *b, mem_size n) { return compared_text(a, b, n, *a, *b); }
int strcasecmp(const char *a, const char *b) { return compared_folded(a, b, (mem_size)-1, *a, *b); }
int strncasecmp(const char *a, const char *b, mem_size n) { return compared_folded(a, b, n, *a, *b); }
FUNCTION int strcoll(const char *a, const char *b);
FUNCTION char *strchr(const char *s, int c);
FUNCTION char *strrchr(const char *s, int c);
FUNCTION char *strchrnul(const char *s, int c);
FUNCTION char *strstr(const char *s, const char *t);
FUNCTION char *strcasestr(const char *s, const char *t);
FUNCTION char *strpbrk(const char *s, const char *t);
FUNCTION mem_size strspn(const char *s, const char *t);
FUNCTION mem_size strcspn(const char *s, const char *t);
FUNCTION int strverscmp(const char *a, const char *b);
FUNCTION char *index(const char *s, int c);
FUNCTION char *rindex(const char *s, int c);
FUNCTION int fnmatch(const char *a, const char *b, int flags);
M("format") mem_size made_text(char *to, mem_size n, const char *format, ...);
mem_size strlcpy(char *to, const char *from, mem_size n) { return made_text(to, n, "%s", from); }
WRITES_TO(1) mem_size strlcat(char *to, const char *from, mem_size n);
WRITES_TO(1) mem_size strxfrm(char *to, const char *from, mem_size n);
WRITES_TO(1) void written_string(char *to);
char *strcpy(char *to, const char *from) { made_text(to, (mem_size)-1, "%s", from); return to; }
char *strncpy(char *to, const char *from, mem_size n) { char text[256] = { 0 }; made_text(text, sizeof text, "%s", from); memcpy(to, text, n); return to; }
char *strcat(char *to, const char *from) { (void)from; written_string(to); return to; }
char *strncat(char *to, const char *from, mem_size n) { (void)from; (void)n; written_string(to); return to; }
char *stpcpy(char *to, const char *from) { (void)from; written_string(to); return to; }
char *stpncpy(char *to, const char *from, mem_size n) { (void)from; (void)n; written_string(to); return to; }
char *strdup(const char *s) { char *p = malloc(strlen(s) + 1); made_text(p, (mem_size)-1, "%s", s); return p; }
char *strndup(const char *s, mem_size n) { char *p = malloc(n + 1); (void)s; written_string(p); return p; }
WRITES_TO(1) char *strtok(char *s, const char *t);
WRITES char *strtok_r(char *s, const char *t, char **save);
WRITES char *strsep(char **s, const char *t);
PURE char *strerror(int e);
WRITES_TO(2) char *strerror_r(int e, char *to, mem_size n);
PURE char *strsignal(int s);

/* ---- multibyte characters: the others are in ctype.h ------------------------- */
FUNCTION mem_size __ctype_get_mb_cur_max(void);
PURE int mbtowc(void *w, const char *s, mem_size n);
PURE int wctomb(char *s, int w);
WRITES_TO(1) mem_size mbstowcs(void *w, const char *s, mem_size n);
WRITES_TO(1) mem_size wcstombs(char *s, const void *w, mem_size n);

/* ---- numbers ----------------------------------------------------------------- */
int abs(int n) { return n < 0 ? -n : n; }
long labs(long n) { return n < 0 ? -n : n; }
long long llabs(long long n) { return n < 0 ? -n : n; }
int ffs(int n) { return __builtin_ffs(n); }
int ffsl(long n) { return __builtin_ffsl(n); }
int ffsll(long long n) { return __builtin_ffsll(n); }
FUNCTION int atoi(const char *s);
FUNCTION long atol(const char *s);
FUNCTION long long atoll(const char *s);
FUNCTION double atof(const char *s);
WRITES_TO(1) void written_end(char **end);
FUNCTION long number_in(const char *s, int base);
long strtol(const char *s, char **end, int base) { written_end(end); return number_in(s, base); }
long long strtoll(const char *s, char **end, int base) { written_end(end); return number_in(s, base); }
unsigned long strtoul(const char *s, char **end, int base) { written_end(end); return (unsigned long)number_in(s, base); }
unsigned long long strtoull(const char *s, char **end, int base) { written_end(end); return (unsigned long)number_in(s, base); }
long __isoc23_strtol(const char *s, char **end, int base) { return strtol(s, end, base); }
unsigned long __isoc23_strtoul(const char *s, char **end, int base) { return strtoul(s, end, base); }
long long __isoc23_strtoll(const char *s, char **end, int base) { return strtoll(s, end, base); }
unsigned long long __isoc23_strtoull(const char *s, char **end, int base) { return strtoull(s, end, base); }
long long strtoimax(const char *s, char **end, int base) { return strtoll(s, end, base); }
unsigned long long strtoumax(const char *s, char **end, int base) { return strtoull(s, end, base); }
WRITES_TO(2) double strtod(const char *s, char **end);
WRITES_TO(2) float strtof(const char *s, char **end);
WRITES_TO(2) long double strtold(const char *s, char **end);
PURE int rand(void);
PURE int rand_r(unsigned *seed);
PURE void srand(unsigned seed);
PURE long random(void);
PURE void srandom(unsigned seed);
PURE double drand48(void);
PURE long lrand48(void);
PURE long mrand48(void);
PURE void srand48(long seed);
WRITES_TO(1) long getrandom(void *p, mem_size n, unsigned flags);
WRITES_TO(1) int getentropy(void *p, mem_size n);
PURE unsigned arc4random(void);
PURE unsigned arc4random_uniform(unsigned n);

/* Floating results are never known; what matters is that nothing is touched. */
PURE double sin(double x);
PURE double cos(double x);
PURE double tan(double x);
PURE double asin(double x);
PURE double acos(double x);
PURE double atan(double x);
PURE double atan2(double y, double x);
PURE double sinh(double x);
PURE double cosh(double x);
PURE double tanh(double x);
PURE double exp(double x);
PURE double exp2(double x);
PURE double log(double x);
PURE double log2(double x);
PURE double log10(double x);
PURE double log1p(double x);
PURE double expm1(double x);
PURE double pow(double x, double y);
PURE double sqrt(double x);
PURE double cbrt(double x);
PURE double hypot(double x, double y);
PURE double fabs(double x);
PURE double floor(double x);
PURE double ceil(double x);
PURE double round(double x);
PURE double trunc(double x);
PURE double rint(double x);
PURE double nearbyint(double x);
PURE long lround(double x);
PURE long lrint(double x);
PURE long long llround(double x);
PURE double fmod(double x, double y);
PURE double fmin(double x, double y);
PURE double fmax(double x, double y);
PURE double ldexp(double x, int e);
WRITES_TO(2) double frexp(double x, int *e);
WRITES_TO(2) double modf(double x, double *i);
PURE float sqrtf(float x);
PURE float fabsf(float x);
PURE float floorf(float x);
PURE float ceilf(float x);
PURE float roundf(float x);
PURE float powf(float x, float y);
PURE float sinf(float x);
PURE float cosf(float x);
PURE float expf(float x);
PURE float logf(float x);
PURE float fmodf(float x, float y);
PURE float fminf(float x, float y);
PURE float fmaxf(float x, float y);

/* ---- the end of the process ---------------------------------------------------- */
M("exit") NEVER void exit(int status);
M("exit") NEVER void _exit(int status);
M("exit") NEVER void _Exit(int status);
M("exit") NEVER void quick_exit(int status);
M("abort") NEVER void abort(void);
M("abort") NEVER void __assert_fail(const char *what, const char *file, unsigned line, const char *function);
M("abort") NEVER void __assert_perror_fail(int e, const char *file, unsigned line, const char *function);
M("abort") NEVER void __assert(const char *what, const char *file, int line);
M("abort") NEVER void __stack_chk_fail(void);
M("abort") NEVER void __chk_fail(void);
M("exit") NEVER void err(int status, const char *format, ...);
M("exit") NEVER void errx(int status, const char *format, ...);
M("exit") NEVER void verr(int status, const char *format, void *args);
M("exit") NEVER void verrx(int status, const char *format, void *args);
void error(int status, int e, const char *format, ...) { (void)e; (void)format; if (status) exit(status); }
PURE int atexit(void (*f)(void));
PURE int at_quick_exit(void (*f)(void));
PURE int on_exit(void (*f)(int, void *), void *arg);
PURE int raise(int signal);
PURE int kill(int pid, int signal);
PURE int system(const char *command);

/* ---- environment ------------------------------------------------------------------ */
FUNCTION char *getenv(const char *name);
FUNCTION char *secure_getenv(const char *name);
PURE int setenv(const char *name, const char *value, int replace);
PURE int unsetenv(const char *name);
PURE int putenv(char *s);
FUNCTION long sysconf(int name);
FUNCTION int getpagesize(void);
FUNCTION int get_nprocs(void);
FUNCTION int *__errno_location(void);
PURE void perror(const char *s);
PURE char *setlocale(int category, const char *locale);
PURE void *localeconv(void);
WRITES int getopt(int argc, char **argv, const char *options);
WRITES int getopt_long(int argc, char **argv, const char *options, const void *longs, int *index);
WRITES_TO(2) int getrlimit(int what, void *limit);
PURE int setrlimit(int what, const void *limit);
WRITES_TO(2) int getrusage(int who, void *usage);
WRITES_TO(1) int uname(void *name);
WRITES_TO(1) int gethostname(char *name, mem_size n);
FUNCTION int getpid(void);
FUNCTION int getppid(void);
FUNCTION int getuid(void);
FUNCTION int geteuid(void);
FUNCTION int getgid(void);
FUNCTION int getegid(void);
PURE int gettid(void);
PURE void *getpwuid(int uid);
PURE void *getpwnam(const char *name);
PURE void warn(const char *format, ...);
PURE void warnx(const char *format, ...);
PURE void syslog(int priority, const char *format, ...);
PURE void openlog(const char *name, int options, int facility);
PURE void closelog(void);

/* ---- sorting: of a few, in full (all orders of six can be looked at), of more where all of them are known; others
 * are in an order that nobody knows */
M("shuffle") int sorted_somehow(void *base);

void qsort(void *base, mem_size n, mem_size size, int (*compare)(const void *, const void *))
{
    char *a = base, spare[size];

    if (n > 6 && sorted_somehow(base))
        return;
    for (mem_size i = 1; i < n; i++)
        for (mem_size k = i; k > 0 && compare(a + (k - 1) * size, a + k * size) > 0; k--) {
            memcpy(spare, a + k * size, size);
            memcpy(a + k * size, a + (k - 1) * size, size);
            memcpy(a + (k - 1) * size, spare, size);
        }
}

void qsort_r(void *base, mem_size n, mem_size size, int (*compare)(const void *, const void *, void *), void *arg)
{
    char *a = base, spare[size];

    if (n > 6 && sorted_somehow(base))
        return;
    for (mem_size i = 1; i < n; i++)
        for (mem_size k = i; k > 0 && compare(a + (k - 1) * size, a + k * size, arg) > 0; k--) {
            memcpy(spare, a + k * size, size);
            memcpy(a + k * size, a + (k - 1) * size, size);
            memcpy(a + (k - 1) * size, spare, size);
        }
}

void *bsearch(const void *key, const void *base, mem_size n, mem_size size, int (*compare)(const void *, const void *))
{
    mem_size low = 0, high = n;

    while (low < high) {
        mem_size middle = low + (high - low) / 2;
        int order = compare(key, (const char *)base + middle * size);

        if (order == 0)
            return (char *)base + middle * size;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (void *)0;
}

/* ---- stdio ------------------------------------------------------------------------------ */
PURE int printf(const char *format, ...);
PURE int fprintf(file_of_c *f, const char *format, ...);
PURE int dprintf(int fd, const char *format, ...);
PURE int vprintf(const char *format, void *args);
PURE int vfprintf(file_of_c *f, const char *format, void *args);
PURE int vdprintf(int fd, const char *format, void *args);
WRITES_TO(1) int sprintf(char *to, const char *format, ...);
M("format") int snprintf(char *to, mem_size n, const char *format, ...);
WRITES_TO(1) int vsprintf(char *to, const char *format, void *args);
WRITES_TO(1) int vsnprintf(char *to, mem_size n, const char *format, void *args);
PURE int some_length(void);
int asprintf(char **to, const char *format, ...) { int n = some_length(); (void)format; *to = malloc((mem_size)n + 1); written_string(*to); return n; }
int vasprintf(char **to, const char *format, void *args) { int n = some_length(); (void)format; (void)args; *to = malloc((mem_size)n + 1); written_string(*to); return n; }
WRITES int scanf(const char *format, ...);
WRITES int fscanf(file_of_c *f, const char *format, ...);
WRITES int sscanf(const char *s, const char *format, ...);
WRITES int __isoc99_scanf(const char *format, ...);
WRITES int __isoc99_fscanf(file_of_c *f, const char *format, ...);
WRITES int __isoc99_sscanf(const char *s, const char *format, ...);
WRITES int __isoc23_scanf(const char *format, ...);
WRITES int __isoc23_fscanf(file_of_c *f, const char *format, ...);
WRITES int __isoc23_sscanf(const char *s, const char *format, ...);
PURE int puts(const char *s);
PURE int fputs(const char *s, file_of_c *f);
PURE int putchar(int c);
PURE int putc(int c, file_of_c *f);
PURE int fputc(int c, file_of_c *f);
PURE int getchar(void);
PURE int getc(file_of_c *f);
PURE int fgetc(file_of_c *f);
PURE int ungetc(int c, file_of_c *f);
PURE int putchar_unlocked(int c);
PURE int putc_unlocked(int c, file_of_c *f);
PURE int getc_unlocked(file_of_c *f);
WRITES_TO(1) char *fgets(char *s, int n, file_of_c *f);
WRITES_TO(1) char *gets(char *s);
WRITES_TO(1, 2) long getline(char **line, mem_size *n, file_of_c *f);
WRITES_TO(1, 2) long getdelim(char **line, mem_size *n, int end, file_of_c *f);
WRITES_TO(1) mem_size fread(void *p, mem_size size, mem_size n, file_of_c *f);
PURE mem_size fwrite(const void *p, mem_size size, mem_size n, file_of_c *f);
PURE file_of_c *fopen(const char *path, const char *mode);
PURE file_of_c *fdopen(int fd, const char *mode);
PURE file_of_c *freopen(const char *path, const char *mode, file_of_c *f);
PURE file_of_c *fmemopen(void *p, mem_size n, const char *mode);
WRITES file_of_c *open_memstream(char **p, mem_size *n);
PURE file_of_c *tmpfile(void);
PURE file_of_c *popen(const char *command, const char *mode);
PURE int pclose(file_of_c *f);
PURE int fclose(file_of_c *f);
PURE int fflush(file_of_c *f);
PURE int feof(file_of_c *f);
PURE int ferror(file_of_c *f);
PURE void clearerr(file_of_c *f);
PURE int fileno(file_of_c *f);
PURE int fseek(file_of_c *f, long at, int whence);
PURE long ftell(file_of_c *f);
PURE void rewind(file_of_c *f);
PURE int setvbuf(file_of_c *f, char *p, int mode, mem_size n);
PURE void setbuf(file_of_c *f, char *p);
PURE void setlinebuf(file_of_c *f);
PURE void flockfile(file_of_c *f);
PURE void funlockfile(file_of_c *f);
PURE int remove(const char *path);
PURE int rename(const char *from, const char *to);

/* ---- time --------------------------------------------------------------------------------- */
WRITES long time(long *t);
PURE long clock(void);
WRITES_TO(2) int clock_gettime(int clock, void *t);
WRITES int clock_getres(int clock, void *t);
WRITES int gettimeofday(void *t, void *zone);
PURE double difftime(long a, long b);
PURE long mktime(void *t);
PURE void *localtime(const long *t);
PURE void *gmtime(const long *t);
WRITES void *localtime_r(const long *t, void *tm);
WRITES void *gmtime_r(const long *t, void *tm);
WRITES mem_size strftime(char *s, mem_size n, const char *format, const void *tm);
PURE char *ctime(const long *t);
PURE char *asctime(const void *tm);
M("sleep") unsigned sleep(unsigned seconds);
M("sleep") int usleep(unsigned microseconds);
M("sleep") int nanosleep(const void *time, void *rest);
__attribute__((annotate("chanleak:sleep", 3))) int clock_nanosleep(int clock, int flags, const void *time, void *rest);
__attribute__((annotate("chanleak:yield"))) int sched_yield(void);
PURE unsigned alarm(unsigned seconds);

/* ---- files and processes -------------------------------------------------------------------- */
PURE int open(const char *path, int flags, ...);
PURE int openat(int fd, const char *path, int flags, ...);
PURE int creat(const char *path, int mode);
PURE int close(int fd);
WRITES_TO(2) long read(int fd, void *p, mem_size n);
WRITES_TO(2) long pread(int fd, void *p, mem_size n, long at);
PURE long write(int fd, const void *p, mem_size n);
PURE long pwrite(int fd, const void *p, mem_size n, long at);
PURE long lseek(int fd, long at, int whence);
PURE int fsync(int fd);
PURE int ftruncate(int fd, long size);
PURE int dup(int fd);
PURE int dup2(int fd, int to);
WRITES int pipe(int *fds);
WRITES int pipe2(int *fds, int flags);
PURE int fcntl(int fd, int command, ...);
PURE int ioctl(int fd, unsigned long request, ...);
PURE int isatty(int fd);
WRITES_TO(2) int stat(const char *path, void *s);
WRITES_TO(2) int lstat(const char *path, void *s);
WRITES_TO(2) int fstat(int fd, void *s);
PURE int access(const char *path, int mode);
PURE int unlink(const char *path);
PURE int mkdir(const char *path, int mode);
PURE int rmdir(const char *path);
PURE int chdir(const char *path);
PURE int chmod(const char *path, int mode);
WRITES char *getcwd(char *p, mem_size n);
WRITES char *realpath(const char *path, char *to);
WRITES int mkstemp(char *path);
PURE void *opendir(const char *path);
PURE void *readdir(void *dir);
PURE int closedir(void *dir);
PURE int fork(void);
WRITES int waitpid(int pid, int *status, int options);
WRITES int wait(int *status);
PURE int execv(const char *path, char *const *argv);
PURE int execvp(const char *path, char *const *argv);
WRITES int poll(void *fds, unsigned long n, int timeout);
WRITES int select(int n, void *r, void *w, void *e, void *timeout);
PURE int epoll_create1(int flags);
WRITES int epoll_wait(int fd, void *events, int n, int timeout);
PURE int eventfd(unsigned value, int flags);

/* ---- sockets ----------------------------------------------------------------------------------- */
PURE int socket(int domain, int type, int protocol);
WRITES int socketpair(int domain, int type, int protocol, int *fds);
PURE int bind(int fd, const void *address, unsigned n);
PURE int listen(int fd, int backlog);
WRITES int accept(int fd, void *address, unsigned *n);
WRITES int accept4(int fd, void *address, unsigned *n, int flags);
PURE int connect(int fd, const void *address, unsigned n);
PURE int shutdown(int fd, int how);
PURE long send(int fd, const void *p, mem_size n, int flags);
PURE long sendto(int fd, const void *p, mem_size n, int flags, const void *address, unsigned m);
PURE long sendmsg(int fd, const void *m, int flags);
WRITES_TO(2) long recv(int fd, void *p, mem_size n, int flags);
WRITES_TO(2) long recvfrom(int fd, void *p, mem_size n, int flags, void *address, unsigned *m);
WRITES long recvmsg(int fd, void *m, int flags);
PURE int setsockopt(int fd, int level, int name, const void *p, unsigned n);
WRITES int getsockopt(int fd, int level, int name, void *p, unsigned *n);
WRITES int getsockname(int fd, void *address, unsigned *n);
WRITES int getpeername(int fd, void *address, unsigned *n);
WRITES int getaddrinfo(const char *node, const char *service, const void *hints, void **list);
PURE void freeaddrinfo(void *list);
PURE const char *gai_strerror(int e);
WRITES int inet_pton(int family, const char *s, void *to);
WRITES const char *inet_ntop(int family, const void *from, char *to, unsigned n);
FUNCTION unsigned inet_addr(const char *s);
FUNCTION unsigned short htons(unsigned short n);
FUNCTION unsigned short ntohs(unsigned short n);
FUNCTION unsigned htonl(unsigned n);
FUNCTION unsigned ntohl(unsigned n);

/* ---- signals --------------------------------------------------------------------------------------- */
PURE void *signal(int n, void *handler);
WRITES int sigaction(int n, const void *action, void *old);
WRITES int sigemptyset(void *set);
WRITES int sigfillset(void *set);
WRITES int sigaddset(void *set, int n);
WRITES int sigprocmask(int how, const void *set, void *old);
WRITES int sigwait(const void *set, int *n);
PURE int pause(void);
M("unsupported") int setjmp(void *env);
M("unsupported") int _setjmp(void *env);
M("unsupported") int sigsetjmp(void *env, int save);
M("unsupported") int __sigsetjmp(void *env, int save);
M("unsupported") NEVER void longjmp(void *env, int value);
M("unsupported") NEVER void siglongjmp(void *env, int value);
