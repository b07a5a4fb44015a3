using System.Diagnostics;
using Relay.Core.Diagnostics;

namespace Relay.Core.Tests.Diagnostics;

public sealed class RelayTelemetryTests : IDisposable
{
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ActivitySpanId _producer = ActivitySpanId.CreateRandom();
    private readonly ActivityListener _listener;

    public RelayTelemetryTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RelayTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == _trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Start_OfNoInvocation_HasTheProducerAsItsParent()
    {
        using var span = RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, $"00-{_trace}-{_producer}-01");
        Assert.Equal((_trace, _producer, true), (span!.TraceId, span.ParentSpanId, span.HasRemoteParent));
        Assert.Empty(span.Links);
    }

    [Fact]
    public void Start_InAnInvocationOfTheSameTrace_IsUnderIt()
    {
        using var invocation = new Activity("invoke").SetParentId(_trace, _producer, ActivityTraceFlags.Recorded).Start();
        using var span = RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, $"00-{_trace}-{_producer}-01");
        Assert.Equal((_trace, invocation.SpanId), (span!.TraceId, span.ParentSpanId));
    }

    [Fact]
    public void Start_InAnInvocationOfAnotherTrace_StaysInTheEnvelopesAndIsLinked()
    {
        using var invocation = new Activity("invoke").Start();
        using var span = RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, $"00-{_trace}-{_producer}-01");
        Assert.Equal((_trace, _producer), (span!.TraceId, span.ParentSpanId));
        Assert.Equal(invocation.Context, Assert.Single(span.Links).Context);
    }
}
