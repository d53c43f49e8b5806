-- The memory of chanleak: what it read, what it proved, what it said.
--
-- One file, by default .chanleak/facts.db; open it with sqlite3 as you like.
-- Places are file, line and col, counted from 1; a file is its absolute path.
-- A boolean is 0 or 1. NULL: there is none, or it is not known.
-- Rules (rules/*.md) read the views `stuck` and `faults` at the end.
--
-- PRAGMA user_version is a hash of this text: a file of another schema is built anew.

-- What wrote this file: another build of chanleak may lower and explore otherwise, so it forgets
-- all but the confirmations.
CREATE TABLE engine (
    fingerprint INTEGER NOT NULL,   -- XXH3 of the program's own file
    stamp       INTEGER NOT NULL    -- XXH3 of that, and of the file's size, time and inode: while these are so it is not read
);

-- ---- what was read ---------------------------------------------------------

-- A source file as one entry of the compile database compiles it, in one state of its inputs.
CREATE TABLE units (
    unit       INTEGER PRIMARY KEY,
    file       TEXT NOT NULL,
    directory  TEXT NOT NULL,       -- the compiler's working directory
    arguments  TEXT NOT NULL,       -- of the compiler, normalised, one a line
    key        INTEGER NOT NULL,    -- XXH3, 64 bits, of these, the models, and what parsed it
    hash       INTEGER NOT NULL,    -- XXH3 of the contents of its inputs
    inputs     TEXT NOT NULL,       -- JSON: numbers of inputs, the source first
    status     TEXT NOT NULL        -- analysed, failed
               CHECK (status IN ('analysed', 'failed')),
    reason     TEXT,                -- why it failed, as the user was told
    warning    TEXT,                -- what was left out of its flags
    flow       BLOB,                -- as the program has it in memory (flow_pack.h)
    UNIQUE (key, hash)
);

-- Where a unit's headers were looked for: one that newly stands in front of another changes the unit.
CREATE TABLE places (
    unit       INTEGER PRIMARY KEY REFERENCES units ON DELETE CASCADE,
    folders    TEXT NOT NULL,       -- JSON: numbers of inputs
    names      INTEGER NOT NULL,    -- XXH3 of the names in these, as they were last looked at
    found      INTEGER NOT NULL     -- XXH3 of which of them has a file that is called as one of the headers
);

-- Files that units are made from, and folders. One whose size and time are still these is not read again.
CREATE TABLE inputs (
    input      INTEGER PRIMARY KEY,
    path       TEXT NOT NULL UNIQUE,
    size       INTEGER NOT NULL,    -- bytes; -1: there is no such file
    changed    INTEGER NOT NULL,    -- nanoseconds since 1970; 0: too short ago to be relied on
    hash       INTEGER NOT NULL,    -- XXH3 of its contents
    marked     INTEGER NOT NULL     -- boolean: it may hold comments for chanleak
);

-- Units that are linked with one another: what is explored is a program.
CREATE TABLE programs (
    program    INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,    -- its units' files, one a line, in order
    database   TEXT,                -- the compile database it was last read through
    hash       INTEGER,             -- XXH3 of the keys and hashes of its units and of how it was explored: unchanged,
                                    -- so are its facts
    rules      INTEGER              -- XXH3 of the rules that have named them; NULL: none have
);

-- Names of the programs that the last check looked at: what confirm knows of.
CREATE TABLE last_check (
    name       TEXT PRIMARY KEY
) WITHOUT ROWID;

-- What a program is built from: confirm does so.
CREATE TABLE parts (
    program    INTEGER NOT NULL REFERENCES programs ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    file       TEXT NOT NULL,
    directory  TEXT NOT NULL,       -- the compiler's working directory
    command    TEXT NOT NULL,       -- the compiler and its words as the compile database has them, one a line
    hash       INTEGER,             -- XXH3 of the file's bytes; confirm wants the same
    PRIMARY KEY (program, number)
) WITHOUT ROWID;

-- The functions of a program, in the order of its flow.
CREATE TABLE functions (
    function   INTEGER PRIMARY KEY,
    program    INTEGER NOT NULL REFERENCES programs ON DELETE CASCADE,
    name       TEXT NOT NULL,
    file TEXT, line INTEGER, col INTEGER,
    end_line   INTEGER,
    hash       INTEGER,             -- XXH3 of flow and file
    incomplete INTEGER NOT NULL,    -- boolean: something in it was not understood
    flow       TEXT NOT NULL        -- as --dump=flow prints it
);
CREATE INDEX functions_by_program ON functions (program, name);

-- Every operation of a function: what chanrt.h offers, and the C library's.
CREATE TABLE operations (
    operation  INTEGER PRIMARY KEY,
    function   INTEGER NOT NULL REFERENCES functions ON DELETE CASCADE,
    instr      INTEGER NOT NULL,    -- its number in the function's flow
    word       TEXT NOT NULL,       -- send, recv, select, make, ... as in annotations
    object     TEXT,                -- what a person calls its object: ch
    file TEXT, line INTEGER, col INTEGER
);
CREATE INDEX operations_by_function ON operations (function, instr);

-- Places where tasks are started (operations that spawn).
CREATE TABLE tasks (
    operation  INTEGER PRIMARY KEY REFERENCES operations ON DELETE CASCADE,
    entry      TEXT                 -- function the task runs, where it is named at the place
);

-- Places where channels are made, contexts, timers and tickers too.
CREATE TABLE channels (
    operation    INTEGER PRIMARY KEY REFERENCES operations ON DELETE CASCADE,
    element_size INTEGER,           -- bytes, where it is a constant
    capacity     INTEGER            -- where it is a constant
);

-- Calls of functions, by name where the callee is named.
CREATE TABLE calls (
    caller     INTEGER NOT NULL REFERENCES functions ON DELETE CASCADE,
    instr      INTEGER NOT NULL,    -- in the caller's flow
    callee     TEXT,                -- name; NULL: through a pointer
    file TEXT, line INTEGER, col INTEGER,
    PRIMARY KEY (caller, instr)
) WITHOUT ROWID;

-- ---- what was proved -------------------------------------------------------

-- One abstract execution of a program from one root.
CREATE TABLE explorations (
    exploration INTEGER PRIMARY KEY,
    program     INTEGER NOT NULL REFERENCES programs ON DELETE CASCADE,
    root        TEXT NOT NULL,      -- name of the function it starts from
    file TEXT, line INTEGER, col INTEGER,   -- of that function
    states      INTEGER NOT NULL,
    transitions INTEGER NOT NULL,
    seconds     REAL NOT NULL,
    key         INTEGER NOT NULL,   -- XXH3 of all functions the root reaches and of how it was explored
    whole       INTEGER NOT NULL,   -- boolean: a root; else a part of one that was too much as a whole
    status      TEXT NOT NULL       -- explored; cut: a budget ran out; partial: something was not understood
                CHECK (status IN ('explored', 'cut', 'partial'))
);
CREATE INDEX explorations_by_program ON explorations (program);
CREATE INDEX explorations_by_key ON explorations (key, program);

-- What an exploration could not do.
CREATE TABLE coverage (
    exploration INTEGER NOT NULL REFERENCES explorations ON DELETE CASCADE,
    kind        TEXT NOT NULL,      -- states, memory, time, loop: a budget; construct: not understood;
                                    -- bound: explored in full but for a look beyond the bound on loops, which costs too much
    text        TEXT,               -- of a construct or a bound: what it is
    file TEXT, line INTEGER, col INTEGER
);
CREATE INDEX coverage_by_exploration ON coverage (exploration);

-- What an exploration found, see facts.h.
CREATE TABLE facts (
    fact        INTEGER PRIMARY KEY,
    exploration INTEGER NOT NULL REFERENCES explorations ON DELETE CASCADE,
    kind        TEXT NOT NULL,      -- stuck, or what goes wrong: send_on_closed, double_close, close_null,
                                    -- negative_wait_group, unlock_unlocked, element_size, lost_context;
                                    -- polling, spinning, endless, closed_by_receiver, add_in_task,
                                    -- escaping, changing: see enum fact_kind in facts.h
    word        TEXT,               -- of the operation: send, recv, select, lock, ...
    file TEXT, line INTEGER, col INTEGER,
    function    TEXT,               -- the operation stands in
    task        INTEGER NOT NULL,   -- as in steps; 0 is the root
    entry       TEXT,               -- function the task runs
    spawned_file TEXT, spawned_line INTEGER, spawned_col INTEGER,   -- where the task was started
    object      TEXT NOT NULL,      -- none, null, channel, timer, ticker, context, wait_group, mutex, rwlock,
                                    -- condition, once, group, external
    name        TEXT,               -- what a person calls the object at the operation
    made_file TEXT, made_line INTEGER, made_col INTEGER,            -- where the object was made
    capacity    INTEGER,            -- of a channel
    cases       INTEGER NOT NULL,   -- of a select, else 0
    role        TEXT NOT NULL,      -- stuck: primary, mutual, self, secondary (it only waits for a stuck task)
    stuck_group INTEGER,            -- of one exploration: those stuck together have equal numbers
    group_has_lock  INTEGER NOT NULL,   -- mutual: somebody in the group waits for a lock
    group_has_other INTEGER NOT NULL,   -- mutual: somebody waits for something else
    range       INTEGER NOT NULL,   -- a receive in a loop that only its result ends
    counterpart INTEGER NOT NULL,   -- somebody somewhere does what it waits for
    closer      INTEGER NOT NULL,   -- a receive: somebody somewhere closes the channel
    senders     INTEGER NOT NULL,   -- a receive: somebody somewhere sends
    outside     INTEGER NOT NULL,   -- the object belongs to the caller of the function that started the task
    leak_check  INTEGER NOT NULL,   -- seen by a leak check of the program
    runs_on     INTEGER NOT NULL,   -- other tasks go on for ever
    again       INTEGER NOT NULL,   -- the task may come to the operation more than once
    many        INTEGER NOT NULL    -- where it was started, several may be
);
CREATE INDEX facts_by_exploration ON facts (exploration);

-- The schedule that leads to a fact, in the order of time.
CREATE TABLE steps (
    fact        INTEGER NOT NULL REFERENCES facts ON DELETE CASCADE,
    number      INTEGER NOT NULL,   -- from 0
    kind        TEXT NOT NULL,      -- start, make, send, recv, close, branch, ...: enum step_kind of facts.h
    task        INTEGER NOT NULL,   -- 0 is the root, then in the order of their start
    other       INTEGER,            -- the task it starts, or its peer
    function    TEXT,
    word        TEXT,               -- of the operation
    object      TEXT,               -- what a person calls its object
    file TEXT, line INTEGER, col INTEGER,
    end_line INTEGER, end_col INTEGER,      -- a condition's text ends before it
    made_file TEXT, made_line INTEGER, made_col INTEGER,
    value       INTEGER,            -- case, truth of a condition, case of a switch (its least number: the default)
    times       INTEGER NOT NULL,   -- 1; more: it begins, or belongs to, a round gone through so often;
                                    -- 0: several times, how often is not known
    amount      INTEGER NOT NULL,   -- what is added to a wait group; 0: not known
    round       INTEGER NOT NULL,   -- steps of that round from this one on; 1: it is the last, or alone
    identity    INTEGER,            -- which of the objects made there: equal within the schedule for the same
    since       INTEGER,            -- block, queue: the number of the step that took the lock it waits for
    PRIMARY KEY (fact, number)
) WITHOUT ROWID;

-- ---- what was said ---------------------------------------------------------

-- A run of check whose outcome still holds: nothing of what it depends on has been explored
-- anew since.
CREATE TABLE runs (
    run         INTEGER PRIMARY KEY,
    key         INTEGER NOT NULL UNIQUE,    -- XXH3 of all units, rules and options
    files       INTEGER NOT NULL            -- that were asked for
);

-- The programs whose findings it told.
CREATE TABLE run_programs (
    run         INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    program     INTEGER NOT NULL REFERENCES programs ON DELETE CASCADE,
    PRIMARY KEY (run, program)
) WITHOUT ROWID;
CREATE INDEX run_programs_by_program ON run_programs (program);
CREATE TRIGGER run_without_program AFTER DELETE ON run_programs
BEGIN
    DELETE FROM runs WHERE run = OLD.run;
END;

CREATE TABLE rules (
    name        TEXT PRIMARY KEY,
    severity    TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
    title       TEXT NOT NULL
);

-- A fact that a rule claims, in the words of the rule.
CREATE TABLE findings (
    finding     INTEGER PRIMARY KEY,
    fact        INTEGER NOT NULL REFERENCES facts ON DELETE CASCADE,
    rule        TEXT NOT NULL REFERENCES rules,
    message     TEXT NOT NULL,
    help        TEXT NOT NULL,
    file TEXT, line INTEGER, col INTEGER,
    text        TEXT,               -- of the line as it was then, without blanks and comments (finding_key.h)
    silence     INTEGER NOT NULL DEFAULT 0,     -- told: 0; not told by the last check: 1, as a comment silences it; 2, as it
                                    -- is in the baseline
    fingerprint INTEGER,            -- XXH3 of the rule, the place, and every step of the schedule
    UNIQUE (fact, rule)
);
CREATE INDEX findings_by_place ON findings (file, line, col);

-- What the last check told, in its order: the numbers that confirm takes.
CREATE TABLE told (
    number      INTEGER PRIMARY KEY,    -- from 1
    rule        TEXT NOT NULL,
    file TEXT, line INTEGER, col INTEGER,
    runs        INTEGER NOT NULL        -- boolean: it is of what a program does, not of a comment
);

-- A state of a program, and what was found in it: so what a commit introduces is known without
-- another look at what was there before it. A few states of each program are kept.
CREATE TABLE outcomes (
    outcome     INTEGER PRIMARY KEY,
    program     TEXT NOT NULL,              -- its name
    state       INTEGER NOT NULL UNIQUE     -- XXH3 of all its units, the rules, and how it was explored
);
CREATE INDEX outcomes_by_program ON outcomes (program);

CREATE TABLE outcome_findings (
    outcome     INTEGER NOT NULL REFERENCES outcomes ON DELETE CASCADE,
    rule        TEXT NOT NULL,
    file TEXT, line INTEGER, col INTEGER,
    function    TEXT NOT NULL,      -- it stands in
    object      TEXT NOT NULL,      -- what a person calls it
    text        TEXT NOT NULL       -- of the line, without comments and needless blanks
);
CREATE INDEX outcome_findings_by_outcome ON outcome_findings (outcome);

-- Findings that a run of the program has shown (chanleak confirm). A later check that finds
-- the same by the same schedule keeps the mark; it goes when a check of all programs no
-- longer finds that.
CREATE TABLE confirmations (
    fingerprint INTEGER PRIMARY KEY,
    how         TEXT NOT NULL,      -- trace: the run followed the schedule; trace, left at step 5 of 9: it
                                    -- did so up to there; CHANRT_SEED=17: under that seed
    arguments   TEXT NOT NULL,      -- of the program, one a line
    program     TEXT,               -- the binary that was given; NULL: it was built for this
    confirmed_at TEXT NOT NULL      -- UTC, 2026-01-31 12:00:00
);

-- Comments of the last check that ask for silence, one for each rule they name.
CREATE TABLE suppressions (
    suppression INTEGER PRIMARY KEY,
    file TEXT NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL,    -- of the comment
    first_line  INTEGER NOT NULL,   -- of the code it is about
    last_line   INTEGER NOT NULL,
    rule        TEXT NOT NULL,      -- *: all; empty: it names none
    reason      TEXT NOT NULL,
    problem     TEXT,               -- why it is not heeded, or NULL
    used        INTEGER NOT NULL,   -- boolean: it silences a finding
    judged      INTEGER NOT NULL    -- boolean: all was looked for that it could silence
);

-- ---- what rules read -------------------------------------------------------

-- One row for each operation that never ends. What only waits for another stuck task
-- is left out: the other's schedule tells of it. But for a send: what was to be handed over is
-- lost, whatever keeps the receiver.
--   operation   send, receive, select, lock, wait: what the task tries to do
--   because     why it never ends; each row has exactly one of
--                 null    the channel is NULL
--                 circle  the tasks wait for one another, not through locks alone
--                 lock    somebody holds the lock for ever, perhaps the task itself
--                 caller  the way out is in the hands of whoever called the function that
--                         started the task, and that has returned: a hazard, no more
--                 nobody  nobody is left who could wake it
--   on_object   " on 'ch'", or "" where the object has no name
--   its_object  "'ch'", or "the channel", "the lock", ...
--   kept_at     of a lock: where it was taken by who keeps it, or NULL
--   made_at     "/src/search.c:54" (printed relative), or "where it is made"
CREATE VIEW stuck AS
SELECT facts.*,
       CASE WHEN word IN ('send', 'send_sized') THEN 'send'
            WHEN word = 'recv' THEN 'receive'
            WHEN word IN ('select', 'select_timeout') THEN 'select'
            WHEN word IN ('lock', 'rdlock', 'wrlock') THEN 'lock'
            ELSE 'wait' END AS operation,
       CASE WHEN object = 'null' AND word IN ('send', 'send_sized', 'recv') THEN 'null'
            WHEN role = 'mutual' AND group_has_other THEN 'circle'
            WHEN object IN ('mutex', 'rwlock') THEN 'lock'
            WHEN object = 'external' OR (leak_check AND outside AND counterpart) THEN 'caller'
            ELSE 'nobody' END AS because,
       coalesce(' on ''' || nullif(name, '') || '''', '') AS on_object,
       coalesce('''' || nullif(name, '') || '''',
                CASE WHEN object IN ('mutex', 'rwlock') THEN 'the lock'
                     WHEN object IN ('none', 'null', 'external') THEN 'the channel'
                     ELSE 'the ' || replace(object, '_', ' ') END) AS its_object,
       coalesce(made_file || ':' || made_line, 'where it is made') AS made_at,
       (SELECT kept.file || ':' || kept.line
        FROM steps AS block JOIN steps AS kept ON kept.fact = block.fact AND kept.number = block.since
        WHERE block.fact = facts.fact AND block.kind = 'block' AND block.task = facts.task) AS kept_at,
       explorations.root AS root
FROM facts JOIN explorations USING (exploration)
WHERE kind = 'stuck'
  AND (role <> 'secondary' OR word IN ('send', 'send_sized'));

-- One row for each operation that aborts the program, or loses something: see
-- facts.kind.
CREATE VIEW faults AS
SELECT facts.*,
       coalesce(' on ''' || nullif(name, '') || '''', '') AS on_object,
       coalesce('''' || nullif(name, '') || '''',
                CASE WHEN object IN ('none', 'null', 'external') THEN 'the channel'
                     WHEN object IN ('mutex', 'rwlock') THEN 'the lock'
                     ELSE 'the ' || replace(object, '_', ' ') END) AS its_object,
       coalesce(made_file || ':' || made_line, 'where it is made') AS made_at,
       explorations.root AS root
FROM facts JOIN explorations USING (exploration)
WHERE kind <> 'stuck';
