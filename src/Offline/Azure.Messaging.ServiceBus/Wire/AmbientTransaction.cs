using System.Transactions;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Refuses work that an ambient transaction expects to be part of: silently doing it outside would break the application's promise.</summary>
internal static class AmbientTransaction
{
    /// <exception cref="NotSupportedException">There is one.</exception>
    public static void ThrowIfAny()
    {
        if (Transaction.Current is not null)
        {
            throw new NotSupportedException(
                "There is an ambient transaction, which this stand-in client cannot take part in. Suppress it, or use the official package.");
        }
    }
}
