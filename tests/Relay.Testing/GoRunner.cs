namespace Relay.Testing;

/// <summary>
/// Builds and runs Go programs against the modules that Debian packages; nothing is fetched. A test is skipped, saying so, where there is
/// no Go or the module is not installed.
/// </summary>
public static class GoRunner
{
    private const string Packages = "/usr/share/gocode";

    /// <summary>Builds the program of a folder's files.</summary>
    /// <param name="source">Folder with the .go files of one main package.</param>
    /// <param name="into">Folder for the program and the compiler's cache.</param>
    /// <param name="cancellationToken">Ends the compiler.</param>
    /// <returns>Path of the program.</returns>
    public static async Task<string> BuildAsync(string source, string into, CancellationToken cancellationToken)
    {
        var go = NodeRunner.FindOnPath("go");
        Assert.SkipWhen(go is null, "Go is not installed (Debian: golang-go).");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Packages, "src", "golang.org", "x", "mod", "sumdb", "tlog")),
            "golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev).");
        var program = Path.Combine(into, "program");
        var files = Directory.GetFiles(source, "*.go").Order(StringComparer.Ordinal);
        var start = NodeRunner.Info(go!, ["build", "-o", program, .. files], into);
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOFLAGS"] = "";
        start.Environment["GOPATH"] = Packages;
        start.Environment["GOCACHE"] = Path.Combine(into, "cache");
        (await NodeRunner.ExecuteAsync(start, cancellationToken)).AssertSucceeded();
        return program;
    }

    /// <summary>Runs what was built.</summary>
    public static Task<NodeResult> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        NodeRunner.ExecuteAsync(NodeRunner.Info(program, arguments, Path.GetDirectoryName(program)!), cancellationToken);
}
