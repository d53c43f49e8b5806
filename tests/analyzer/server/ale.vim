" Vim with ALE: findings arrive in its location list, and go when the buffer is repaired.
" Run in the project's folder: vim -N -u NONE -i NONE -n -es -S ale.vim
set nocompatible hidden
let g:ale_linters = {'c': ['chanleak']}
let g:ale_linters_explicit = 1
let g:ale_lint_delay = 50
packadd! ale
runtime! plugin/ale.vim
filetype on
let s:result = {}

function! s:Told() abort
  return map(copy(ale#engine#GetLoclist(bufnr('search.c'))), {_, i -> [i.lnum, get(i, 'code', ''), i.text]})
endfunction

function! s:Wait(what, condition) abort
  for i in range(1200)
    if a:condition() | return | endif
    if i % 40 == 39 | call ale#Queue(0) | endif     " a change that ALE has not sent yet
    sleep 50m
  endfor
  throw 'waited in vain for ' . a:what
endfunction

function! s:Run() abort
  call ale#linter#Define('c', {
  \ 'name': 'chanleak', 'lsp': 'stdio', 'executable': $CHANLEAK, 'command': '%e server',
  \ 'project_root': {buffer -> getcwd()}})
  edit search.c
  set filetype=c
  call ale#Queue(0)
  call s:Wait('a finding', {-> !empty(s:Told())})
  let s:result.found = s:Told()
  %s/int, 0)/int, 1)/
  call ale#Queue(0)
  call s:Wait('the finding to go', {-> empty(s:Told())})
  let s:result.repaired = s:Told()
endfunction

try
  call s:Run()
catch
  let s:result.error = v:exception . ' at ' . v:throwpoint
  let s:result.state = {'tick': b:changedtick, 'told': s:Told(), 'checks': ale#engine#IsCheckingBuffer(bufnr('')),
  \ 'sent': map(values(ale#lsp#GetConnections()), {_, c -> [c.initialized, c.open_documents, c.data]})}
endtry
call writefile([json_encode(s:result)], 'result.json')
qall!
