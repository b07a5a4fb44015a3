using Relay.Benchmarks.Commands;
using Relay.Cli;
using Relay.Cli.Commands;

var terminal = Terminal.ForProcess();
return await RelayCommand.RunAsync(BenchmarksCommand.Create(terminal), args, terminal, CancellationToken.None);
