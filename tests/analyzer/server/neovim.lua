-- Neovim's own client: findings arrive, go when the buffer is repaired, hover and quick fixes are there.
-- Run in the project's folder: nvim --headless -u NONE -S neovim.lua
local result, ok = {}, nil
local PATIENCE = 60000

local function wait(what, condition)
  if not vim.wait(PATIENCE, condition, 20) then error('waited in vain for ' .. what) end
end

local function codes(buffer)
  local list = {}
  for _, d in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(list, { d.lnum + 1, d.user_data and d.user_data.lsp and d.user_data.lsp.code or d.code, d.source, d.message,
      #(d.user_data and d.user_data.lsp and d.user_data.lsp.relatedInformation or {}) })
  end
  return list
end

local function run()
  vim.cmd('edit search.c')
  local id = vim.lsp.start_client({ name = 'chanleak', cmd = { os.getenv('CHANLEAK'), 'server' }, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, id)
  wait('a finding', function() return #vim.diagnostic.get(0) > 0 end)
  result.found = codes(0)
  local at = vim.diagnostic.get(0)[1]
  vim.api.nvim_win_set_cursor(0, { at.lnum + 1, at.col })

  local params = vim.lsp.util.make_position_params(0, 'utf-16')
  local hover = vim.lsp.buf_request_sync(0, 'textDocument/hover', params, PATIENCE)
  result.hover = hover[id].result.contents.value

  local range = vim.lsp.util.make_range_params(0, 'utf-16')
  range.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0) }
  local actions = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', range, PATIENCE)[id].result
  for _, action in ipairs(actions) do
    if action.title:find('Suppress') then vim.lsp.util.apply_workspace_edit(action.edit, 'utf-16') end
  end
  result.suppressed = vim.api.nvim_buf_get_lines(0, at.lnum, at.lnum + 1, false)[1]
  vim.cmd('undo')

  wait('the finding to come back', function() return #vim.diagnostic.get(0) > 0 end)

  -- as a person does it: the edit is asked for when the repair is chosen
  vim.ui.select = function(actions, options, choose)
    for i, action in ipairs(actions) do
      if options.format_item(action):find('Repair') then return choose(action, i) end
    end
    error('no repair is offered')
  end
  vim.api.nvim_win_set_cursor(0, { at.lnum + 1, at.col })
  vim.lsp.buf.code_action()
  wait('the finding to go', function() return #vim.diagnostic.get(0) == 0 end)
  result.repair = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  result.repaired = codes(0)
  vim.cmd('undo')
  wait('the finding to come back', function() return #vim.diagnostic.get(0) > 0 end)
  vim.lsp.stop_client(id)
  wait('the server to end', function() return vim.lsp.client_is_stopped(id) end)
end

ok, result.error = pcall(run)
vim.fn.writefile({ vim.fn.json_encode(result) }, 'result.json')
vim.cmd('qall!')
