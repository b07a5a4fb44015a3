using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>A folder with the files that slips speak of, and a port that nobody has and one that is taken.</summary>
public sealed partial class SlipFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _closed;

    public SlipFolder()
    {
        _taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _taken.Listen();
        using var freed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        freed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _closed = ((IPEndPoint)freed.LocalEndPoint!).Port;
        Write("note.txt", "hello");
        Write("empty.txt", "");
        Write("bad-document.json", """{"negotiation":"doha-2026","delegations":{},"mediators":{},"quorum":0,"mode":"open","version":1}""");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "folder"));
    }

    public string Root => _folder.Path;

    public void Dispose()
    {
        _taken.Dispose();
        _folder.Dispose();
    }

    /// <summary>
    /// Puts in what <c>{name}</c> stands for: <c>{taken}</c> and <c>{closed}</c> are ports, everything else is in this folder.
    /// </summary>
    public string Fill(string word) => Name().Replace(word, match => match.Groups[1].Value switch
    {
        "taken" => Number(((IPEndPoint)_taken.LocalEndPoint!).Port),
        "closed" => Number(_closed),
        var name => Path.Combine(_folder.Path, name),
    });

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.Path, name), content);

    [GeneratedRegex(@"\{([\w./-]+)\}")]
    private static partial Regex Name();
}
