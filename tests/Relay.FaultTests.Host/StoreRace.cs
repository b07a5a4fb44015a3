using System.Buffers.Binary;
using System.Globalization;
using Relay.Core.Ledger.Store;

namespace Relay.FaultTests.Host;

/// <summary>What processes, or tasks of one, do to a store at once; the sum of what each says it did must be what is there.</summary>
public static class StoreRace
{
    /// <summary>Adds one to a u64 BE in a blob until this caller has done so <paramref name="times"/> times.</summary>
    /// <returns>How often a replacement was stored.</returns>
    public static async Task<int> CountAsync(ILedgerStore store, string name, int times, CancellationToken cancellationToken)
    {
        var done = 0;
        while (done < times)
        {
            var blob = await store.GetAsync(name, cancellationToken) ?? throw new InvalidOperationException($"{name} is gone");
            if (!blob.Intact) throw new InvalidOperationException($"{name} is damaged");
            var next = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(next, BinaryPrimitives.ReadInt64BigEndian(blob.Content.Span) + 1);
            if ((await store.PutIfMatchAsync(name, next, blob.ETag, cancellationToken)).Stored) done++;
        }

        return done;
    }

    /// <summary>Tries to create each of <paramref name="slots"/> blobs, with this process's id in it.</summary>
    /// <returns>How many it created.</returns>
    public static async Task<int> ClaimAsync(ILedgerStore store, string prefix, int slots, CancellationToken cancellationToken)
    {
        var content = System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var won = 0;
        for (var i = 0; i < slots; i++)
        {
            if ((await store.PutIfAbsentAsync($"{prefix}/{i}", content, cancellationToken)).Stored) won++;
        }

        return won;
    }
}
