using Relay.Azure;
using Relay.Cli;
using Relay.Cli.Commands;

LoopbackBypass.Install();
return await RelayCommand.RunAsync(args, Terminal.ForProcess(), CancellationToken.None);
