using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Relay.Local;

namespace Relay.IntegrationTests.Chaos;

/// <summary>
/// Has the function app's worker, unchanged, run in a mount namespace of its own (Linux, root), in which the system's resolver knows no
/// hosts and asks one name server alone.
/// </summary>
internal static class OwnResolver
{
    private const string Unshare = "/usr/bin/unshare";
    private const string Config = "worker.config.json";

    private static string DotNet => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>Starts the name server, and writes a folder from which the host starts such a worker.</summary>
    /// <param name="folder">Where to write; made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null, with why, where this machine does not let it.</returns>
    public static async Task<(NameServer? Names, string Reason)> TryStartAsync(string folder, CancellationToken cancellationToken)
    {
        NameServer? names = null;
        try
        {
            if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("mount namespaces are Linux's");
            names = NameServer.Start();
            Directory.CreateDirectory(folder);
            var command = Command(folder, names.Address);
            await TryAsync(command, cancellationToken);
            WriteApp(folder, command);
            return (names, "");
        }
        catch (Exception exception) when (exception is SocketException or Win32Exception or PlatformNotSupportedException or IOException)
        {
            if (names is not null) await names.DisposeAsync();
            return (null, $"a worker with a resolver of its own cannot be had here: {exception.Message}");
        }
    }

    // Arguments of unshare up to the program that is to run so; each file is put over the machine's of that name.
    private static List<string> Command(string folder, IPAddress server)
    {
        (string Name, string Text)[] files =
        [
            ("hosts", "# none\n"),
            ("resolv.conf", $"nameserver {server}\n"),
            ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
        ];
        foreach (var (name, text) in files) File.WriteAllText(Path.Combine(folder, name), text);
        var mounts = string.Join(" && ", files.Select(file => $"mount --bind '{Path.Combine(folder, file.Name)}' /etc/{file.Name}"));
        return ["--mount", "/bin/sh", "-c", $"{mounts} && exec \"$@\"", "sh"];
    }

    private static async Task TryAsync(List<string> command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Unshare, [.. command, "/bin/true"]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new IOException(errors.Trim());
    }

    private static void WriteApp(string folder, List<string> command)
    {
        var app = LocalWorker.DefaultFolder;
        foreach (var path in Directory.EnumerateFiles(app, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(app, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(app, Config)))!;
        var description = config["description"]!;
        description["defaultExecutablePath"] = Unshare;
        description["arguments"] = new JsonArray([.. command, DotNet]);
        File.WriteAllText(Path.Combine(folder, Config), config.ToJsonString());
    }
}
