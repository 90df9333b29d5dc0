/** The subcommands, as they are typed. */
export type CommandName =
  | 'init'
  | 'refresh'
  | 'fetch'
  | 'plan'
  | 'restore'
  | 'status'
  | 'check'
  | 'confirm'
  | 'rollback'
  | 'remove'
  | 'history'
  | 'zones'
  | 'zones diff'
  | 'zones export'
  | 'config check'
  | 'install'
  | 'uninstall';
