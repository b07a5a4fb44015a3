using Relay.Benchmarks.Commands;
using Relay.Cli;

var terminal = Terminal.ForProcess();
return await RelayCommand.RunAsync(BenchmarksCommand.Create(terminal), args, terminal, CancellationToken.None);
