using System.Diagnostics;
using Relay.Core.Diagnostics;

namespace Relay.Core.Tests.Diagnostics;

public sealed class RelayTelemetryTests : IDisposable
{
    private const string Untraced = "relay an envelope that names no trace";

    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ActivitySpanId _producer = ActivitySpanId.CreateRandom();
    private readonly ActivityListener _listener;

    public RelayTelemetryTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RelayTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == _trace || options.Name == Untraced
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
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

    [Fact]
    public async Task Start_OffAQueueWithoutATrace_BeginsOneOfItsOwnLinkedToTheInvocation()
    {
        using var invocation = new Activity("invoke").Start();
        async Task<Activity> RelayAsync()
        {
            await Task.CompletedTask;
            using var span = RelayTelemetry.Start(Untraced, ActivityKind.Consumer, traceParent: null);
            Assert.Same(span, Activity.Current);
            return span!;
        }

        var (first, second) = (await RelayAsync(), await RelayAsync());
        Assert.Same(invocation, Activity.Current);
        Assert.Equal(3, new[] { invocation.TraceId, first.TraceId, second.TraceId }.Distinct().Count());
        Assert.All([first, second], span => Assert.Equal(invocation.Context, Assert.Single(span.Links).Context));
        Assert.All([first, second], span => Assert.Null(span.ParentId));
    }

    [Fact]
    public void Start_OverHttpWithoutATrace_IsUnderTheInvocation()
    {
        using var invocation = new Activity("invoke").Start();
        using var span = RelayTelemetry.Start(Untraced, ActivityKind.Server, traceParent: null);
        Assert.Equal((invocation.TraceId, invocation.SpanId), (span!.TraceId, span.ParentSpanId));
    }
}
