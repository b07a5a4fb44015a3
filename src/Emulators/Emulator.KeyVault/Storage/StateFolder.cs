using Emulator.Hosting;

namespace Emulator.KeyVault.Storage;

/// <summary>The folder that outlives the process, held by one emulator at a time until disposed.</summary>
internal sealed class StateFolder : IDisposable
{
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
        OwnerFile.CreateFolder(root);
        OwnerFile.CreateFolder(Path.Combine(root, "keys"));
        try
        {
            return new(root, OwnerFile.OpenExclusive(Path.Combine(root, "lock")));
        }
        catch (IOException exception)
        {
            throw new IOException(
                $"The state folder '{root}' is held by another Key Vault emulator. Stop it, or choose another folder.", exception);
        }
    }

    public void Dispose() => _lock.Dispose();
}
