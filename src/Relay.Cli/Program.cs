using Relay.Cli;

return await RelayCommand.RunAsync(args, Terminal.ForProcess(), CancellationToken.None);
