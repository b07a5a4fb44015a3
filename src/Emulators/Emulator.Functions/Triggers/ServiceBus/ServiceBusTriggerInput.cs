using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>One message for one invocation.</summary>
internal sealed class ServiceBusTriggerInput(ServiceBusReceivedMessage message, InvocationMessageActions actions) : TriggerInput
{
    // The client's own activity, where it made one, already has the message's trace as its parent.
    public override string? TraceParent => Activity.Current?.Id ?? Property("traceparent") ?? Property("Diagnostic-Id");

    public override string? TraceState => Activity.Current is { } current ? current.TraceStateString : Property("tracestate");

    public override ServiceBusMessageActions MessageActions => actions;

    public override object ValueAs(Type type) =>
        type == typeof(string) ? message.Body.ToString()
        : type == typeof(byte[]) ? message.Body.ToArray()
        : message;

    public override IReadOnlyDictionary<string, object?> ReadBindingData() => MessageData.Of(message);

    public override void End() => actions.End();

    private string? Property(string name) => message.ApplicationProperties.TryGetValue(name, out var value) ? value as string : null;
}
