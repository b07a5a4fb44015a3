using Relay.Azure;
using Relay.Cli;

LoopbackBypass.Install();
return await RelayCommand.RunAsync(args, Terminal.ForProcess(), CancellationToken.None);
