/* threads.h - POSIX and C11 threads. Read after libc.h.
 *
 * A thread is a task: what can keep a task from ending can keep a thread. What has
 * an operation of the same meaning is that operation; what has none makes the
 * function that calls it not fully analysed (UNSUPPORTED), so that nothing is
 * said about it that is not so. pthread_setspecific, pthread_cleanup_push and the like are
 * not here on purpose: what they are given may come back anywhere, as from any
 * function that is not known.
 */
#define UNSUPPORTED M("unsupported")
#define AS(...) __attribute__((annotate("chanleak:" __VA_ARGS__)))
typedef unsigned long thread_id;

/* ---- threads ------------------------------------------------------------------ */
AS("spawn", 3, 4) int pthread_create(void *thread, const void *attr, void *start, void *arg);
UNSUPPORTED int pthread_join(thread_id thread, void **result);
UNSUPPORTED int pthread_tryjoin_np(thread_id thread, void **result);
UNSUPPORTED int pthread_timedjoin_np(thread_id thread, void **result, const void *until);
UNSUPPORTED int pthread_cancel(thread_id thread);
UNSUPPORTED NEVER void pthread_exit(void *result);
PURE int pthread_detach(thread_id thread);
PURE thread_id pthread_self(void);
FUNCTION int pthread_equal(thread_id a, thread_id b);
PURE int pthread_kill(thread_id thread, int n);
WRITES int pthread_sigmask(int how, const void *set, void *old);
WRITES_TO(2) int pthread_setcancelstate(int state, int *old);
WRITES_TO(2) int pthread_setcanceltype(int type, int *old);
PURE void pthread_testcancel(void);
PURE int pthread_setname_np(thread_id thread, const char *name);
WRITES_TO(2) int pthread_getname_np(thread_id thread, char *name, mem_size n);
PURE int pthread_setaffinity_np(thread_id thread, mem_size n, const void *set);
WRITES_TO(3) int pthread_getaffinity_np(thread_id thread, mem_size n, void *set);
PURE int pthread_setschedparam(thread_id thread, int policy, const void *param);
WRITES int pthread_getschedparam(thread_id thread, int *policy, void *param);
PURE int pthread_setconcurrency(int n);
PURE int pthread_atfork(void *before, void *parent, void *child);
AS("yield") int pthread_yield(void);
AS("once", 1, 2, 0) int pthread_once(void *once, void *function);
WRITES_TO(1) int pthread_key_create(void *key, void *end);
PURE int pthread_key_delete(unsigned key);
PURE void *pthread_getspecific(unsigned key);

/* ---- attributes ------------------------------------------------------------------ */
WRITES_TO(1) int pthread_attr_init(void *attr);
PURE int pthread_attr_destroy(void *attr);
WRITES_TO(1) int pthread_attr_setstacksize(void *attr, mem_size n);
WRITES_TO(2) int pthread_attr_getstacksize(const void *attr, mem_size *n);
WRITES_TO(1) int pthread_attr_setstack(void *attr, void *stack, mem_size n);
WRITES int pthread_attr_getstack(const void *attr, void **stack, mem_size *n);
WRITES_TO(1) int pthread_attr_setguardsize(void *attr, mem_size n);
WRITES_TO(1) int pthread_attr_setdetachstate(void *attr, int state);
WRITES_TO(2) int pthread_attr_getdetachstate(const void *attr, int *state);
WRITES_TO(1) int pthread_attr_setscope(void *attr, int scope);
WRITES_TO(1) int pthread_attr_setinheritsched(void *attr, int inherit);
WRITES_TO(1) int pthread_attr_setschedpolicy(void *attr, int policy);
WRITES_TO(1) int pthread_attr_setschedparam(void *attr, const void *param);
WRITES_TO(2) int pthread_getattr_np(thread_id thread, void *attr);
WRITES_TO(1) int pthread_mutexattr_init(void *attr);
PURE int pthread_mutexattr_destroy(void *attr);
UNSUPPORTED int pthread_mutexattr_settype(void *attr, int type);        /* recursive, perhaps */
WRITES_TO(1) int pthread_mutexattr_setpshared(void *attr, int shared);
WRITES_TO(1) int pthread_condattr_init(void *attr);
PURE int pthread_condattr_destroy(void *attr);
WRITES_TO(1) int pthread_condattr_setclock(void *attr, int clock);
WRITES_TO(1) int pthread_condattr_setpshared(void *attr, int shared);
WRITES_TO(1) int pthread_rwlockattr_init(void *attr);
PURE int pthread_rwlockattr_destroy(void *attr);

/* ---- locks: the static initialisers are zeros, as those of the operations are ------- */
int pthread_mutex_init(void *m, const void *attr) { (void)attr; memset(m, 0, 8); return 0; }
PURE int pthread_mutex_destroy(void *m);
AS("lock") int pthread_mutex_lock(void *m);
AS("unlock") int pthread_mutex_unlock(void *m);
UNSUPPORTED int pthread_mutex_trylock(void *m);             /* 0 is success: the other way round */
UNSUPPORTED int pthread_mutex_timedlock(void *m, const void *until);
UNSUPPORTED int pthread_mutex_clocklock(void *m, int clock, const void *until);
int pthread_spin_init(void *m, int shared) { (void)shared; memset(m, 0, 4); return 0; }
PURE int pthread_spin_destroy(void *m);
UNSUPPORTED int pthread_spin_lock(void *m);                 /* four bytes: too small for a lock's state */
UNSUPPORTED int pthread_spin_trylock(void *m);
UNSUPPORTED int pthread_spin_unlock(void *m);
int pthread_cond_init(void *c, const void *attr) { (void)attr; memset(c, 0, 8); return 0; }
PURE int pthread_cond_destroy(void *c);
AS("cond_wait") int pthread_cond_wait(void *c, void *m);
AS("cond_signal") int pthread_cond_signal(void *c);
AS("cond_broadcast") int pthread_cond_broadcast(void *c);
UNSUPPORTED int pthread_cond_timedwait(void *c, void *m, const void *until);
UNSUPPORTED int pthread_cond_clockwait(void *c, void *m, int clock, const void *until);
/* By default, readers go before waiting writers, and one function unlocks for both. */
PURE int pthread_rwlock_init(void *m, const void *attr);
PURE int pthread_rwlock_destroy(void *m);
UNSUPPORTED int pthread_rwlock_rdlock(void *m);
UNSUPPORTED int pthread_rwlock_wrlock(void *m);
UNSUPPORTED int pthread_rwlock_tryrdlock(void *m);
UNSUPPORTED int pthread_rwlock_trywrlock(void *m);
UNSUPPORTED int pthread_rwlock_timedrdlock(void *m, const void *until);
UNSUPPORTED int pthread_rwlock_timedwrlock(void *m, const void *until);
UNSUPPORTED int pthread_rwlock_unlock(void *m);
PURE int pthread_barrier_init(void *b, const void *attr, unsigned n);
PURE int pthread_barrier_destroy(void *b);
UNSUPPORTED int pthread_barrier_wait(void *b);

/* ---- semaphores ------------------------------------------------------------------------ */
PURE int sem_init(void *s, int shared, unsigned value);
PURE int sem_destroy(void *s);
UNSUPPORTED void *sem_open(const char *name, int flags, ...);
UNSUPPORTED int sem_wait(void *s);
UNSUPPORTED int sem_trywait(void *s);
UNSUPPORTED int sem_timedwait(void *s, const void *until);
UNSUPPORTED int sem_clockwait(void *s, int clock, const void *until);
UNSUPPORTED int sem_post(void *s);
WRITES_TO(2) int sem_getvalue(void *s, int *value);

/* ---- C11: a mutex may be recursive, which mtx_init is told ---------------------------------- */
AS("spawn", 2, 3) int thrd_create(void *thread, void *start, void *arg);
UNSUPPORTED int thrd_join(thread_id thread, int *result);
UNSUPPORTED NEVER void thrd_exit(int result);
PURE int thrd_detach(thread_id thread);
PURE thread_id thrd_current(void);
FUNCTION int thrd_equal(thread_id a, thread_id b);
M("sleep") int thrd_sleep(const void *time, void *rest);
M("yield") void thrd_yield(void);
AS("once", 1, 2, 0) void call_once(void *once, void *function);
PURE int mtx_init(void *m, int type);
PURE void mtx_destroy(void *m);
UNSUPPORTED int mtx_lock(void *m);
UNSUPPORTED int mtx_trylock(void *m);
UNSUPPORTED int mtx_timedlock(void *m, const void *until);
UNSUPPORTED int mtx_unlock(void *m);
PURE int cnd_init(void *c);
PURE void cnd_destroy(void *c);
UNSUPPORTED int cnd_wait(void *c, void *m);
UNSUPPORTED int cnd_timedwait(void *c, void *m, const void *until);
UNSUPPORTED int cnd_signal(void *c);
UNSUPPORTED int cnd_broadcast(void *c);
WRITES_TO(1) int tss_create(void *key, void *end);
PURE void tss_delete(unsigned key);
PURE void *tss_get(unsigned key);
