namespace Emulator.KeyVault.Storage;

/// <summary>The folder that outlives the process, held by one emulator at a time until disposed.</summary>
internal sealed class StateFolder : IDisposable
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;
    private readonly FileStream _lock;

    private StateFolder(string root, FileStream hold)
    {
        Root = root;
        _lock = hold;
    }

    public string Root { get; }

    /// <summary>One file per key.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>The server's certificate and private key, PEM.</summary>
    public string Server => Path.Combine(Root, "server.pem");

    /// <exception cref="IOException">Another process holds the folder.</exception>
    public static StateFolder Open(string path)
    {
        var root = Path.GetFullPath(path);
        CreateOwnerOnly(root);
        CreateOwnerOnly(Path.Combine(root, "keys"));
        try
        {
            return new(root, new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            throw new IOException($"The state folder '{root}' is held by another Key Vault emulator. Stop it, or choose another folder.", exception);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void CreateOwnerOnly(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnlyFolder);
    }
}
