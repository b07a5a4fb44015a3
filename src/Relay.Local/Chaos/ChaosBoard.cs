using System.IO.MemoryMappedFiles;
using Relay.Core.Health;

namespace Relay.Local.Chaos;

/// <summary>
/// What is disturbed now, in memory that the stack's process writes and the function app's reads: a file mapped by both, so that a command
/// is in force in both when it returns. Safe for concurrent use by one writer.
/// </summary>
/// <remarks>
/// Numbers of 64 bits in this machine's order: for each dependency the kind in the low byte and the delay in ms above it, then for each how
/// often it was cut, then how far the function app's clock is off and how far all clocks are moved, in ticks of 100 ns.
/// </remarks>
public sealed class ChaosBoard : IDisposable
{
    /// <summary>Environment variable by which the function app's process finds the file.</summary>
    internal const string Variable = "RELAY_CHAOS_BOARD";

    private const string FileName = "chaos-board";
    private const int Word = sizeof(long);
    private const int KindBits = 8;

    private static readonly int Dependencies = Enum.GetValues<Dependency>().Length;
    private static readonly int Skew = 2 * Dependencies;
    private static readonly int Shift = Skew + 1;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _words;

    private ChaosBoard(MemoryMappedFile file, MemoryMappedFileAccess access)
    {
        _file = file;
        _words = file.CreateViewAccessor(0, Bytes, access);
    }

    private static long Bytes => (Shift + 1) * Word;

    /// <summary>How far the function app's clock is off all others.</summary>
    public TimeSpan ClockSkew
    {
        get => new(Read(Skew));
        set => Write(Skew, value.Ticks);
    }

    /// <summary>How far every clock of the stack is moved.</summary>
    public TimeSpan TimeShift
    {
        get => new(Read(Shift));
        set => Write(Shift, value.Ticks);
    }

    /// <summary>What the dependency suffers.</summary>
    public Disturbance this[Dependency dependency]
    {
        get
        {
            var word = Read((int)dependency);
            return new((DisturbanceKind)(word & ((1 << KindBits) - 1)), TimeSpan.FromMilliseconds(word >> KindBits));
        }
        set => Write((int)dependency, (long)value.Kind | ((long)value.Delay.TotalMilliseconds << KindBits));
    }

    /// <summary>Makes the file, with nothing disturbed.</summary>
    public static ChaosBoard Create(string path)
    {
        File.WriteAllBytes(path, new byte[Bytes]);
        return Open(path);
    }

    /// <summary>Opens the file of another process.</summary>
    public static ChaosBoard Open(string path) => Open(path, FileAccess.ReadWrite, MemoryMappedFileAccess.ReadWrite);

    /// <summary>Opens that of the stack on a state folder, to look at only; null when it has none that can be read.</summary>
    public static ChaosBoard? TryOpen(string stateFolder)
    {
        try
        {
            return Open(PathIn(stateFolder), FileAccess.Read, MemoryMappedFileAccess.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Where that of a stack is.</summary>
    internal static string PathIn(string stateFolder) => Path.Combine(stateFolder, FileName);

    private static ChaosBoard Open(string path, FileAccess file, MemoryMappedFileAccess map) => new(
        MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, file, FileShare.ReadWrite | FileShare.Delete),
            mapName: null, Bytes, map, HandleInheritability.None, leaveOpen: false),
        map);

    /// <summary>How often the dependency's connections were cut.</summary>
    public long Cuts(Dependency dependency) => Read(Dependencies + (int)dependency);

    /// <summary>Has what is under way, or comes next, end without an answer.</summary>
    public void Cut(Dependency dependency) => Write(Dependencies + (int)dependency, Cuts(dependency) + 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _words.Dispose();
        _file.Dispose();
    }

    private long Read(int word) => _words.ReadInt64(word * Word);

    private void Write(int word, long value) => _words.Write(word * Word, value);
}
