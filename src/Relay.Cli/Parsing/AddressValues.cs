using System.CommandLine.Parsing;
using Azure.Messaging.ServiceBus;
using Relay.Protocol.Keys;

namespace Relay.Cli.Parsing;

/// <summary>Reads where a service is; what cannot be one is a parse error that says what a good one looks like.</summary>
internal static class AddressValues
{
    private const string VaultExample = "https://kv.vault.azure.net";
    private const string AppExample = "https://relay.azurewebsites.net";
    private const string ConnectionStringForm = "Endpoint=sb://...;SharedAccessKeyName=...;SharedAccessKey=...";

    private static readonly string[] ApiPaths = ["/api/envelopes", "/api/negotiations", "/api"];

    /// <summary>Address of a vault: https, without a path.</summary>
    public static Uri? Vault(ArgumentResult result)
    {
        if (!TryRead(result, out var url) || url.Scheme != Uri.UriSchemeHttps)
        {
            return result.Expect<Uri>($"an address such as {VaultExample}");
        }
        return url.PathAndQuery == "/" && url.UserInfo.Length == 0 ? url : AddressAlone(result, url);
    }

    /// <summary>Base address of a function app; what <c>relay up</c> prints, with its path under <c>/api</c>, is taken too.</summary>
    /// <returns>Ends in a slash.</returns>
    public static Uri? FunctionApp(ArgumentResult result)
    {
        if (!TryRead(result, out var url) || url.Scheme is not ("https" or "http"))
        {
            return result.Expect<Uri>($"an address such as {AppExample}");
        }
        if (!IsSafe(url)) return result.Expect<Uri>($"https, which only an address on this machine does without, such as {AppExample}");
        var path = url.AbsolutePath.TrimEnd('/');
        return (path.Length == 0 || ApiPaths.Contains(path)) && url.Query.Length == 0
            ? new Uri(url.GetLeftPart(UriPartial.Authority) + "/")
            : AddressAlone(result, url);
    }

    /// <summary>A blob container, or a folder that is there.</summary>
    /// <returns>A folder as <c>file:</c> address.</returns>
    public static Func<ArgumentResult, Uri?> Container(string example) => result =>
    {
        if (Directory.Exists(result.Text())) return new Uri(Path.GetFullPath(result.Text()));
        if (!Uri.TryCreate(result.Text(), UriKind.Absolute, out var url) || (!url.IsFile && url.Scheme is not ("https" or "http")))
        {
            return result.Expect<Uri>($"a container such as {example}, or a folder that is there");
        }

        if (url.IsFile)
        {
            return Directory.Exists(url.LocalPath) ? url : result.Expect<Uri>($"a folder that is there, or a container such as {example}");
        }
        if (url.AbsolutePath.Trim('/').Length == 0)
        {
            return result.Expect<Uri>($"the container's name after the account's address, such as {example}");
        }
        // No login may be sent over http, not on this machine either; a signature in the address needs none.
        return url.Scheme == Uri.UriSchemeHttps || (url.IsLoopback && IsSigned(url)) ? url
            : result.Expect<Uri>(
                $"https, which only an address on this machine with a shared access signature does without, such as {example}");
    };

    /// <summary>True when the address bears a shared access signature.</summary>
    public static bool IsSigned(Uri url) => url.Query.Contains("sig=", StringComparison.Ordinal);

    /// <summary>A connection string of a namespace, or a namespace's host name.</summary>
    public static string? ServiceBus(ArgumentResult result)
    {
        var value = result.Text();
        if (value.Length > 1 && value[0] is '"' or '\'')
        {
            return result.Refuse<string>("expected the value without quotes of its own; only the shell's, which it takes off");
        }
        if (!value.Contains('=')) return Namespace(result, value);
        try
        {
            var parts = ServiceBusConnectionStringProperties.Parse(value);
            if (parts.EntityPath is { Length: > 0 } entity)
            {
                return result.Refuse<string>(
                    $"expected the namespace's connection string, got one for '{entity}' alone; take ';EntityPath={entity}' off if "
                        + "its key may do more");
            }

            var mayEnter = parts is { SharedAccessKeyName.Length: > 0, SharedAccessKey.Length: > 0 }
                or { SharedAccessSignature.Length: > 0 };
            if (parts.Endpoint is not null && mayEnter) return value;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            // Said below; the value itself is a secret and is not repeated.
        }

        return result.Refuse<string>(
            $"expected a connection string, {ConnectionStringForm}, in quotes of the shell, for it holds semicolons");
    }

    /// <summary>Identifier of a key in a vault, without version.</summary>
    public static string? VaultKey(ArgumentResult result) => KeyIdentifier.IsKey(result.Text())
        ? result.Text()
        : result.Expect<string>($"the address of a key without its version, such as {VaultExample}/keys/relay-checkpoint");

    private static bool TryRead(ArgumentResult result, out Uri url) =>
        Uri.TryCreate(result.Text(), UriKind.Absolute, out url!) && url.Host.Length > 0;

    private static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || url.IsLoopback;

    private static Uri? AddressAlone(ArgumentResult result, Uri url) =>
        result.Expect<Uri>($"the address alone, such as {url.GetLeftPart(UriPartial.Authority)}");

    private static string? Namespace(ArgumentResult result, string value) =>
        Uri.CheckHostName(value) == UriHostNameType.Dns && value.Contains('.')
        ? value
        : result.Expect<string>("a namespace such as ns.servicebus.windows.net, or a connection string in quotes");
}
