;;; Emacs's eglot: findings are Flymake's diagnostics -*- lexical-binding: t -*-
;;; They go when the buffer is repaired; hover and quick fixes are there.
;;; Run in the project's folder: emacs --batch -l emacs.el
(package-initialize)
(require 'eglot)
(require 'flymake)
(require 'json)

(defvar chanleak-result nil)

(defun chanleak-wait (what condition)
  (let ((end (+ (float-time) 60)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless (funcall condition)
      (error "waited in vain for %s" what))))

(defun chanleak-note (key value)
  (push (cons key value) chanleak-result))

(defun chanleak-told ()
  (vconcat (mapcar (lambda (d) (vector (line-number-at-pos (flymake-diagnostic-beg d)) (flymake-diagnostic-text d)))
                   (flymake-diagnostics))))

(defun chanleak-actions (server line)
  "What can be done about that line of the text as it is now."
  (let ((at (list :line (1- line) :character 20)))
    (jsonrpc-request server :textDocument/codeAction
                     (list :textDocument (eglot--TextDocumentIdentifier) :range (list :start at :end at)
                           :context '(:diagnostics [])))))

(defun chanleak-run ()
  (setq eglot-sync-connect 60 eglot-connect-timeout 60 eglot-autoshutdown nil
        project-find-functions (list (lambda (_) (cons 'transient default-directory))))
  (add-to-list 'eglot-server-programs `(c-mode . (,(getenv "CHANLEAK") "server")))
  (find-file "search.c")
  (c-mode)
  (apply #'eglot--connect (eglot--guess-contact))
  (chanleak-wait "eglot" #'eglot-managed-p)
  (chanleak-wait "a finding" (lambda () (flymake-start) (flymake-diagnostics)))
  (chanleak-note 'found (chanleak-told))
  (goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
  (let* ((server (eglot-current-server))
         (hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams))))
    (chanleak-note 'hover (plist-get (plist-get hover :contents) :value))
    (let* ((actions (chanleak-actions server (line-number-at-pos)))
           (line (line-number-at-pos))
           (named (lambda (word) (seq-find (lambda (a) (string-match-p word (plist-get a :title))) actions)))
           (before (buffer-string)))
      (eglot--apply-workspace-edit (plist-get (funcall named "Repair") :edit))
      (chanleak-note 'repair (buffer-string))
      (erase-buffer)
      (insert before)
      (eglot--signal-textDocument/didChange)
      (setq actions (chanleak-actions server line))
      (eglot--apply-workspace-edit (plist-get (funcall named "Suppress") :edit))
      (goto-char (point-min))
      (forward-line (1- line))
      (chanleak-note 'suppressed (buffer-substring (line-beginning-position) (line-end-position)))
      (delete-region (line-beginning-position) (1+ (line-end-position))))
    (goto-char (point-min))
    (search-forward "int, 0)")
    (replace-match "int, 1)" t t)
    (eglot--signal-textDocument/didChange)
    (chanleak-wait "the finding to go" (lambda () (flymake-start) (null (flymake-diagnostics))))
    (chanleak-note 'repaired (chanleak-told))
    (set-buffer-modified-p nil)
    (eglot-shutdown server)))

(condition-case problem
    (chanleak-run)
  (error (chanleak-note 'error (error-message-string problem))))
(with-temp-file "result.json"
  (insert (json-encode chanleak-result)))
