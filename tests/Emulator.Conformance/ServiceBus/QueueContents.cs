using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

/// <summary>Looks at all that an entity holds, whatever its state, and leaves it there.</summary>
internal static class QueueContents
{
    private const int PageSize = 500;

    public static async Task<List<ServiceBusReceivedMessage>> PeekAllAsync(ServiceBusReceiver receiver)
    {
        var all = new List<ServiceBusReceivedMessage>();
        while (await receiver.PeekMessagesAsync(
            PageSize,
            all.Count == 0 ? 0 : all[^1].SequenceNumber + 1,
            TestContext.Current.CancellationToken) is { Count: > 0 } messages)
        {
            all.AddRange(messages);
        }

        return all;
    }
}
