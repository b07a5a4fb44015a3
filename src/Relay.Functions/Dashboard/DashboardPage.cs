using System.Security.Cryptography;
using System.Text;

namespace Relay.Functions.Dashboard;

/// <summary>
/// The dashboard: one page that needs nothing else, put together from what is beside this file. It holds no figure of any negotiation;
/// what it shows it asks for itself, as whoever looks at it.
/// </summary>
public static class DashboardPage
{
    private static readonly string Style = Read("page.css");
    private static readonly string Script = Read("proof.js") + Read("live.js") + Read("show.js") + Read("letters.js") + Read("page.js");

    /// <summary>The page, UTF-8.</summary>
    public static ReadOnlyMemory<byte> Html { get; } = Encoding.UTF8.GetBytes(Read("page.html")
        .Replace("{{style}}", Style, StringComparison.Ordinal)
        .Replace("{{script}}", Script, StringComparison.Ordinal));

    /// <summary>
    /// Its content security policy (CSP Level 3): that script and that style, by their hash, requests to its own origin, and nothing else.
    /// </summary>
    public static string Policy { get; } =
        $"default-src 'none'; script-src '{HashOf(Script)}'; style-src '{HashOf(Style)}'; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";

    private static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using var stream = typeof(DashboardPage).Assembly.GetManifestResourceStream($"Dashboard/{name}")
            ?? throw new InvalidOperationException($"expected {name} in the assembly");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // A hash is over the bytes that are sent, whatever a checkout made of the ends of lines.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
