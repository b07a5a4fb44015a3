using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Emulator.ServiceBus.Administration;

/// <summary>What a peer says first, which tells the protocols of a shared port apart.</summary>
internal static class FirstBytes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Looks at the first bytes and leaves them where they are.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="count">At least 1.</param>
    /// <returns>So many, or fewer when the peer ends before; null when it says nothing in time.</returns>
    public static async Task<byte[]?> PeekAsync(ConnectionContext context, int count)
    {
        using var timeout = new CancellationTokenSource(Patience, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.ConnectionClosed);
        try
        {
            var read = await context.Transport.Input.ReadAtLeastAsync(count, linked.Token).ConfigureAwait(false);
            var first = read.Buffer.Slice(0, Math.Min(count, read.Buffer.Length)).ToArray();
            context.Transport.Input.AdvanceTo(read.Buffer.Start);
            return first;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
