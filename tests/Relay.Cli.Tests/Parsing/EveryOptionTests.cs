using System.CommandLine;
using Relay.Cli.Commands;
using Relay.Cli.Parsing;
using Relay.Testing;

namespace Relay.Cli.Tests.Parsing;

/// <summary>
/// Every option and argument of every command, found in the command tree itself: a good value is read, a bad one is a parse error of one
/// line that says what a good one looks like. An option
/// of a new kind fails here until it has its row.
/// </summary>
public sealed class EveryOptionTests
{
    private const string Help = "help";

    // Texts that are taken as they are: what is said, its media type, a folder that is made when it is not there.
    private static readonly string[] TakesAnything =
        ["--text", "--content-type", "--state", "--version", "--container", "--reason", "--because", "store"];

    public static TheoryData<string, string> Options =>
    [
        .. Leaves().SelectMany(
            leaf => leaf.Command.Options.Where(option => option.Name.TrimStart('-') != Help).Select(option => (leaf.Path, option.Name))),
    ];

    public static TheoryData<string> Commands => [.. Leaves().Select(leaf => leaf.Path)];

    [Theory]
    [MemberData(nameof(Options))]
    public void Option_WithAGoodValue_IsRead(string path, string name)
    {
        using var folder = new TemporaryFolder();
        var (_, command) = Leaves().Single(leaf => leaf.Path == path);
        var option = command.Options.Single(option => option.Name == name);
        var parsed = Parse(
            [.. path.Split(' '), .. Arguments(command, folder), .. Partners(path, name, folder), .. Given(option, Good(option, folder))]);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        Assert.Null(Record.Exception(() => Read(parsed, option)));
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Option_WithABadValue_IsAParseErrorThatSaysWhatAGoodOneIs(string path, string name)
    {
        using var folder = new TemporaryFolder();
        var (_, command) = Leaves().Single(leaf => leaf.Path == path);
        var option = command.Options.Single(option => option.Name == name);
        if (TakesAnything.Contains(name) && option.ValueType == typeof(string)) return;
        if (option.ValueType == typeof(bool))
        {
            // A switch takes no value: the word after it is one of the command's, which has none.
            Assert.Contains(
                "does not know 'perhaps'",
                ParseFaults.Of(Parse([.. path.Split(' '), .. Arguments(command, folder), name, "perhaps"]))!.Message,
                StringComparison.Ordinal);
            return;
        }

        var fault = ParseFaults.Of(
            Parse([.. path.Split(' '), .. Arguments(command, folder), .. Partners(path, name, folder), .. Bad(option, folder)]));
        Assert.NotNull(fault);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.Matches("expected|such as|Must be one of|is not there", fault.Message);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Option_WithAnEmptyValue_AsksForTheVariable(string path, string name)
    {
        using var folder = new TemporaryFolder();
        var (_, command) = Leaves().Single(leaf => leaf.Path == path);
        var option = command.Options.Single(option => option.Name == name);
        if (option.ValueType == typeof(bool) || name == "--text") return;
        var fault = ParseFaults.Of(Parse([.. path.Split(' '), .. Arguments(command, folder), .. Partners(path, name, folder), name, ""]));
        Assert.Contains($"{name}: the value is empty", fault?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_WithoutItsArguments_SaysWhatIsMissing(string path)
    {
        var (_, command) = Leaves().Single(leaf => leaf.Path == path);
        var fault = ParseFaults.Of(Parse(path.Split(' ')));
        var needed = command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(argument => argument.Name)
            .Concat(command.Options.Where(option => option.Required).Select(option => option.Name))
            .FirstOrDefault();
        if (needed is null) Assert.Null(fault);
        else Assert.Contains(needed, fault!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("submit {file} --url http://localhost:7071/", "--http")]
    [InlineData("submit {file} --http --service-bus ns.servicebus.windows.net", "--http")]
    [InlineData("demo --vault https://kv.vault.azure.net", "--against")]
    [InlineData("demo --url https://app.example", "--against")]
    [InlineData("demo --container https://account.blob.core.windows.net/directory", "--against")]
    [InlineData("demo --relay-name relay.example", "--against")]
    [InlineData("demo --state elsewhere", "--against")]
    [InlineData("demo --against local --verbose", "--against")]
    [InlineData("sign --add {file} --from us", "--add")]
    [InlineData("sign --add {file} --to iran", "--add")]
    [InlineData("sign --add {file} --text x", "--add")]
    [InlineData("sign --add {file} --lane urgent", "--add")]
    [InlineData("sign --add {file} --lifetime 1h", "--add")]
    [InlineData("sign --add {file} --not-before 2026-12-01T09:00:00Z", "--add")]
    [InlineData("sign --add {file} --content-type text/plain", "--add")]
    [InlineData("sign --add {file} --relay-name relay.example", "--add")]
    [InlineData("sign --add {file} --again 7", "--add")]
    [InlineData("sign --head {file} --from us", "--head")]
    [InlineData("sign --head {file} --add {file}", "--head")]
    [InlineData("sign --head {file} --max-bytes 2048", "--head")]
    [InlineData("sign --add {file} --into {folder}", "--head")]
    [InlineData("sign --head {file} --into {folder} --out x.json", "--into")]
    [InlineData("sign --head {file} --force", "--into")]
    [InlineData("sign --from us --to iran --text x --attach {file}", "--add")]
    [InlineData("sign --add {file} --attach {file} --mediators oman", "--attach")]
    [InlineData("sign --add {file} --attach {file} --vault https://kv.vault.azure.net", "--attach")]
    [InlineData("sign --from us --to iran --text x --file {file}", "--text")]
    [InlineData("sign --from us --to iran --text x --client-certificate {file}", "--url")]
    [InlineData("sign --add {file} --url https://app.example", "--add")]
    [InlineData("sign --add {file} --relay-key https://kv.vault.azure.net/keys/relay-checkpoint", "--add")]
    [InlineData("sign --from us --again 7 --client-certificate {file}", "--url")]
    [InlineData("sign --from us --to iran --text x --force", "--out")]
    [InlineData("submit {file} --http --client-certificate {file}", "--url")]
    [InlineData("status us --client-certificate {file}", "--url")]
    [InlineData("mode set closed --client-certificate {file}", "--url")]
    [InlineData("check {folder} --without-key --key {file}", "--key")]
    [InlineData("check {folder} --key {file} --vault https://kv.vault.azure.net", "--key")]
    [InlineData("check {folder} --without-key --vault https://kv.vault.azure.net", "--without-key")]
    [InlineData("check {folder} --without-key --state elsewhere", "--without-key")]
    [InlineData("check {folder} --without-key --container ledger", "connection string")]
    [InlineData("listen iran --without-receipts --relay-name relay.example", "--without-receipts")]
    [InlineData("listen iran --without-receipts --save-receipts {folder}", "--without-receipts")]
    [InlineData("listen iran --client-certificate {file}", "--url")]
    [InlineData("prekeys publish iran --client-certificate {file}", "--url")]
    [InlineData("prekeys publish iran --key {file} --vault https://kv.vault.azure.net", "--key")]
    [InlineData("prekeys status iran --client-certificate {file}", "--url")]
    [InlineData("prekeys check iran --client-certificate {file}", "--url")]
    [InlineData("audit iran --client-certificate {file}", "--url")]
    [InlineData("top iran --client-certificate {file}", "--url")]
    [InlineData("top --window 2h", "--window")]
    [InlineData("top --negotiation doha-2027", "--negotiation")]
    [InlineData("top --key {file}", "--key")]
    [InlineData("verify ledger --client-certificate {file}", "--url")]
    [InlineData("verify export {file} --key {file} --vault https://kv.vault.azure.net", "--key")]
    [InlineData("verify ledger --url https://app.example --client-certificate {file} --as us", "--client-certificate")]
    [InlineData("dlq redrive --dry-run --rate 5", "--dry-run")]
    [InlineData("dlq list --subscription inbox", "--topic")]
    [InlineData("directory put {file} --container {folder} --state elsewhere", "--container")]
    public void Option_InAModeThatHasNoUseForIt_IsRefused(string line, string named)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("file", "x");
        var words = line.Split(' ')
            .Select(
                word => word.Replace("{file}", file, StringComparison.Ordinal).Replace("{folder}", folder.Path, StringComparison.Ordinal));
        var fault = ParseFaults.Of(Parse([.. words]));
        Assert.NotNull(fault);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.Contains("leave", fault.Message, StringComparison.Ordinal);
    }

    private static ParseResult Parse(params string[] words) => RelayCommand.Create(new RecordingTerminal().Terminal).Parse(words);

    private static IEnumerable<(string Path, Command Command)> Leaves()
    {
        static IEnumerable<(string, Command)> Under(string path, Command command) =>
            command.Subcommands.Count == 0
                ? [(path, command)]
                : command.Subcommands.SelectMany(sub => Under($"{path} {sub.Name}".Trim(), sub));
        return Under("", RelayCommand.Create(new RecordingTerminal().Terminal));
    }

    private static void Read(ParseResult parsed, Option option) =>
        typeof(ParseResult)
            .GetMethods()
            .Single(method => method.Name == nameof(ParseResult.GetValue) && method.GetParameters()[0].ParameterType.Name == "Option`1")
            .MakeGenericMethod(option.ValueType).Invoke(parsed, [option]);

    private static IEnumerable<string> Arguments(Command command, TemporaryFolder folder) => command.Arguments.Select(
        argument => argument.ValueType == typeof(FileInfo)
        ? folder.Write(argument.Name, "x")
        : argument.Name switch
        {
            "store" => "UseDevelopmentStorage=true",
            "name" => "mediator-norway",
            "delegation" => "iran",
            "mode" => "read-only",
            "words" => "bus=down",
            var other => throw new InvalidOperationException($"<{other}> has no row."),
        });

    // What an option needs beside it to be of use.
    private static string[] Partners(string path, string name, TemporaryFolder folder) => (path, name) switch
    {
        ("submit", "--url") => ["--http"],
        ("demo", "--vault" or "--url" or "--container" or "--relay-name" or "--state") => ["--against", "local"],
        ("listen" or "audit" or "status" or "verify ledger" or "prekeys publish" or "prekeys status" or "prekeys check",
            "--client-certificate") => ["--url", "https://app.example"],
        ("signals" or "top" or "forecast make" or "forecast score", "--client-certificate") => ["--url", "https://app.example"],
        ("mode get" or "mode set", "--client-certificate") => ["--url", "https://app.example"],
        ("submit", "--client-certificate") => ["--http", "--url", "https://app.example"],
        ("sign", "--attach") => ["--add", folder.Write("made.json", "x")],
        ("sign", "--into") => ["--head", folder.Write("made.json", "x")],
        ("sign", "--client-certificate") => ["--url", "https://app.example"],
        ("sign", "--force") => ["--out", Path.Combine(folder.Path, "out.json")],
        ("keys withdraw", not "--version") => ["--version", "0123"],
        ("dlq drop", "--subscription") => ["--topic", "delegation-iran", "--because", "made by a fault of ours"],
        ("dlq drop", not "--because") => ["--because", "made by a fault of ours"],
        ("dlq list" or "dlq show" or "dlq redrive", "--subscription") => ["--topic", "delegation-iran"],
        _ => [],
    };

    private static string[] Given(Option option, string value) => option.ValueType == typeof(bool) ? [option.Name] : [option.Name, value];

    private static string Good(Option option, TemporaryFolder folder) => (option.Name, option.ValueType) switch
    {
        ("--out", _) => Path.Combine(folder.Path, "out.json"),
        ("--container", var type) when type == typeof(Uri) => "https://account.blob.core.windows.net/directory",
        ("--committed", _) => "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        ("--url", _) => "http://localhost:7071/api/envelopes",
        (_, var type) when type == typeof(Uri) => "https://kv.vault.azure.net",
        (_, var type) when type == typeof(FileInfo) || type == typeof(FileInfo[]) => folder.Write("in.json", "x"),
        (_, var type) when type == typeof(DirectoryInfo) => folder.Path,
        ("--max-bytes", _) => "30000",
        (_, var type) when type == typeof(int) => "300",
        (_, var type) when type == typeof(long?) => "7",
        (_, var type) when type == typeof(TimeSpan) => "90m",
        (_, var type) when type == typeof(DateTimeOffset?) => "2026-12-01T09:00:00Z",
        (_, var type) when type == typeof(bool) => "",
        ("--relay-key", _) => "https://kv.vault.azure.net/keys/relay-checkpoint",
        ("--relay-name", _) => "relay.example",
        ("--prekey-secret", _) => "RELAY_PREKEY_SECRET",
        ("--service-bus" or "--against", _) => "ns.servicebus.windows.net",
        ("--curve", _) => "P-384",
        ("--chaos", _) => "vault=slow:2s",
        ("--known-head", _) => "12:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        ("--lane", _) => "urgent",
        ("--topic", _) => "delegation-iran",
        ("--subscription", _) => "inbox",
        ("--limits", _) => "cloud",
        ("--to" or "--mediators" or "--from" or "--as" or "--negotiation", _) => "iran",
        (var name, var type) when type == typeof(string) && TakesAnything.Contains(name) => "anything",
        var (name, type) =>
            throw new InvalidOperationException($"{name} of {type} has no row: give it a good value here, and a bad one below."),
    };

    private static string[] Bad(Option option, TemporaryFolder folder) =>
    [
        option.Name,
        option.ValueType == typeof(FileInfo) || option.ValueType == typeof(FileInfo[])
            ? folder.Path
            : option.ValueType == typeof(DirectoryInfo)
            ? folder.Write("a-file", "x")
            : "no good: 5",
    ];
}
