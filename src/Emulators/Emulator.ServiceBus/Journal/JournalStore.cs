namespace Emulator.ServiceBus.Journal;

/// <summary>How the journal knows a store.</summary>
/// <param name="id">From 1; never changes once in a file.</param>
/// <param name="path">The store's path.</param>
internal sealed class JournalStore(long id, string path)
{
    // 2^44 messages in a store at 100,000/s last five years; 2^19 stores are fifty times the cloud's entities.
    private const int NumberBits = 44;

    public long Id { get; } = id;

    public string Path { get; } = path;

    /// <summary>A key that no other message of the file ever has.</summary>
    public long KeyOf(long number) => (Id << NumberBits) | number;

    /// <summary>The id of the store in a key.</summary>
    public static long StoreOf(long key) => key >> NumberBits;

    public static long NumberOf(long key) => key & ((1L << NumberBits) - 1);
}
