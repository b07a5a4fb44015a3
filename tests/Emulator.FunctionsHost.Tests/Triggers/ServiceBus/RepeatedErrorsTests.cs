using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Triggers.ServiceBus;
using Microsoft.Extensions.Logging;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Triggers.ServiceBus;

/// <summary>What a processor reports over and over is logged now and then.</summary>
public sealed class RepeatedErrorsTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void Report_SameErrorAgain_IsAnErrorOnceIn30Seconds()
    {
        var errors = new ListenerErrors("One", _time, _logs.CreateLogger("log"));
        var gone = new ServiceBusException("gone", ServiceBusFailureReason.MessagingEntityNotFound);

        errors.Report(ServiceBusErrorSource.Receive, "q", gone);
        _time.Advance(TimeSpan.FromMilliseconds(29_999));
        errors.Report(ServiceBusErrorSource.Receive, "q", gone);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        errors.Report(ServiceBusErrorSource.Receive, "q", gone);
        errors.Report(ServiceBusErrorSource.Receive, "q", new ServiceBusException("busy", ServiceBusFailureReason.ServiceBusy));

        Assert.Equal([LogLevel.Error, LogLevel.Debug, LogLevel.Error, LogLevel.Error], _logs.Entries.Select(entry => entry.Level));
    }

    [Fact]
    public void Report_FunctionThatThrew_IsNobodysTwice()
    {
        new ListenerErrors("One", _time, _logs.CreateLogger("log"))
            .Report(ServiceBusErrorSource.ProcessMessageCallback, "q", new FunctionFailedException("failed", inner: null, FunctionFailure.Threw));

        Assert.Empty(_logs.Entries);
    }
}
