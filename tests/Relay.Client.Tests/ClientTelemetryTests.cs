using System.Diagnostics;
using Relay.Client.Delegations;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Tests;

/// <summary>An envelope's trace from its producer to its recipient, as the application properties carry it.</summary>
public sealed class ClientTelemetryTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly FakeBus _bus = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task SubmitAndReceive_SomebodyListens_AreOneTrace()
    {
        using var root = new Activity("test").Start();
        var spans = new List<Activity>();
        using var listener = Listen(root.TraceId, spans);
        var envelope = await _samples.EnvelopeAsync("hello");
        await using (var submitter = new EnvelopeSubmitter(_bus, _samples.Time)) await submitter.SubmitAsync(
            envelope, TestContext.Current.CancellationToken);

        var submitted = Assert.Single(spans);
        Assert.Equal(
            ("submit envelope", ActivityKind.Producer, root.SpanId), (submitted.DisplayName, submitted.Kind, submitted.ParentSpanId));
        var sent = Assert.Single(_bus.Sent).ApplicationProperties;
        Assert.Equal(TraceParent.Properties.ToDictionary(name => name, _ => (object)submitted.Id!), sent);

        // The relay's part: it hands the trace on. The recipient's process knows nothing of this one's activity.
        root.Stop();
        _bus.Inbox.Enqueue(envelope.Wire.ToArray());
        _bus.InboxProperties = sent.ToDictionary();
        await using var inbox = new DelegationInbox(_bus, _samples.Inspector(), InboxOrder.AsItComes, null, _samples.Time);
        var message = await inbox.ReceiveAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        Assert.Equal(2, spans.Count);
        Assert.Equal(
            ("receive envelope", ActivityKind.Consumer, submitted.SpanId), (spans[1].DisplayName, spans[1].Kind, spans[1].ParentSpanId));
        Assert.Equal(spans[1].Id, message!.TraceParent);
    }

    [Fact]
    public async Task SubmitAsync_NobodyTraces_SendsNoProperty()
    {
        await using var submitter = new EnvelopeSubmitter(_bus, _samples.Time);
        await submitter.SubmitAsync(await _samples.EnvelopeAsync("hello"), TestContext.Current.CancellationToken);
        Assert.Empty(Assert.Single(_bus.Sent).ApplicationProperties);
    }

    private static ActivityListener Listen(ActivityTraceId trace, List<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ClientTelemetry.SourceName,
            // Other tests run at the same time; theirs are not looked at.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
