using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>What newcomers type wrong before anything runs: one line that says what to do.</summary>
public sealed class SlipTests : IClassFixture<SlipFolder>
{
    private const string Bus = "Endpoint=sb://ns.servicebus.windows.net;SharedAccessKeyName=n;SharedAccessKey=a2V5";

    private static readonly Slip[] All =
    [
        new("no command", "", "needs a command", "up, chaos, demo"),
        new("a command misspelt", "uo", "'uo'", "Did you mean 'up'"),
        new("a command of a group left out", "keys", "needs a command", "create, list, disable"),
        new("an option misspelt", "up --vault-prt 0", "'--vault-prt'", "Did you mean '--vault-port'"),
        new("a port that is none", "up --amqp-port 70000", "--amqp-port.*'70000'", "0 to 65535"),
        new("a port in words", "up --http-port any", "--http-port.*'any'", "0 to 65535"),
        new("one port twice", "up --http-port 7443", "--http-port and --https-port are both 7443", "0 takes a free one"),
        new(
            "the port of Service Bus taken",
            "up --state {s-amqp} --amqp-port {taken} --admin-port 0 --vault-port 0 --http-port 0 --https-port 0",
            @"Port \d+ \(Service Bus, --amqp-port\) is taken",
            "Stop the program that has it.*--amqp-port 0"),
        new(
            "the port of Service Bus administration taken",
            "up --state {s-admin} --amqp-port 0 --admin-port {taken} --vault-port 0 --http-port 0 --https-port 0",
            @"Port \d+ \(Service Bus administration, --admin-port\) is taken",
            "Stop the program that has it.*--admin-port 0"),
        new(
            "the port of Key Vault taken",
            "up --state {s-vault} --amqp-port 0 --admin-port 0 --vault-port {taken} --http-port 0 --https-port 0",
            @"Port \d+ \(Key Vault, --vault-port\) is taken",
            "Stop the program that has it.*--vault-port 0"),
        new(
            "the port of HTTP taken",
            "up --state {s-http} --amqp-port 0 --admin-port 0 --vault-port 0 --http-port {taken} --https-port 0",
            @"Port \d+ \(HTTP, --http-port\) is taken",
            "Stop the program that has it.*--http-port 0"),
        new(
            "the port of HTTPS taken",
            "up --state {s-https} --amqp-port 0 --admin-port 0 --vault-port 0 --http-port 0 --https-port {taken}",
            @"Port \d+ \(HTTPS, --https-port\) is taken",
            "Stop the program that has it.*--https-port 0"),
        new("the state folder is a file", "up --state {note.txt}", "note.txt' is a file", "expected a folder"),
        new("the state folder below a file", "up --state {note.txt/state}", "note.txt", "Is the path right|--state"),
        new("nothing runs", "keys list --state {nothing}", "No local stack runs on .*nothing", "relay up"),
        new("no scheme", "keys list --vault kv.vault.azure.net", "--vault.*'kv.vault.azure.net'", "https://kv.vault.azure.net"),
        new("http for a vault", "keys list --vault http://kv.vault.azure.net", "--vault", "such as https://"),
        new(
            "a key's address for a vault's",
            "keys list --vault https://kv.vault.azure.net/keys/x",
            "--vault",
            "such as https://kv.vault.azure.net"),
        new(
            "a vault of this machine without its stack",
            "keys list --vault https://localhost:{closed} --state {nothing}",
            @"https://localhost:\d+",
            "--state"),
        new("a name with a space", "keys create mediator+norway", "'mediator norway'", "such as mediator-norway"),
        new("a curve misspelt", "keys create mediator-norway --curve P256", "'P256'", "P-256"),
        new("a value left out", "keys create x --curve", "--curve", "--help"),
        new("a variable that is not set", "keys list --vault {?}", "--vault: the value is empty", "variable"),
        new("capitals in a name", "sign --from US --to iran --text x", "--from.*'US'", "such as us"),
        new("text and file", "sign --from us --to iran --text x --file {note.txt}", "--text|--file", "leave one of them out"),
        new("a lifetime without unit", "sign --from us --to iran --text x --lifetime 5", "--lifetime.*'5'", "such as 90s"),
        new(
            "a time in words",
            "sign --from us --to iran --text x --not-before tomorrow",
            "--not-before.*'tomorrow'",
            "2026-12-01T09:00:00Z"),
        new("a time without zone", "sign --from us --to iran --text x --not-before 2026-12-01T09:00:00", "--not-before", "with its zone"),
        new("a lane that is not", "sign --lane fast", "--lane.*'fast'", "normal.*urgent"),
        new(
            "out into a folder that is not there",
            "sign --from us --to iran --text x --out {missing/out.json}",
            "missing is not there",
            "make it first"),
        new("out to a folder", "sign --from us --to iran --text x --out {folder}", "folder' is a folder", "expected a file"),
        new("a file that is not there", "sign --from us --to iran --file {letter.txt}", "letter.txt' is not there", "Give the path"),
        new("an envelope to add to that is none", "sign --add {note.txt} --state {nothing}", "There is no document", "relay up"),
        new(
            "signing before anything ran",
            "sign --from us --to iran --text x --state {nothing}",
            "There is no document of doha-2026",
            "relay up"),
        new("no envelope", "submit", "envelope", "--help"),
        new("an envelope that is not there", "submit {envelope.json}", "envelope.json' is not there", "relay sign"),
        new("a folder for an envelope", "submit {folder}", "folder' is a folder", "expected a file"),
        new("a text for an envelope", "submit {note.txt}", "note.txt is not an envelope", "expected"),
        new("an empty file for an envelope", "submit {empty.txt}", "empty.txt is not an envelope", "expected|empty"),
        new("a connection string in quotes", $"submit {{note.txt}} --service-bus \"{Bus}\"", "--service-bus", "without quotes"),
        new(
            "a connection string of one entity",
            $"submit {{note.txt}} --service-bus {Bus};EntityPath=envelopes",
            "'envelopes' alone",
            "EntityPath=envelopes"),
        new(
            "half a connection string",
            "submit {note.txt} --service-bus Endpoint=sb://ns.servicebus.windows.net",
            "--service-bus",
            "SharedAccessKeyName"),
        new(
            "a namespace with its scheme",
            "submit {note.txt} --service-bus https://ns.servicebus.windows.net",
            "--service-bus",
            "such as ns.servicebus.windows.net"),
        new("an address without --http", "submit {note.txt} --url http://localhost:7071", "--url", "--http"),
        new("http to another machine", "submit {note.txt} --http --url http://relay.example", "--url", "https"),
        new("a path of a site", "submit {note.txt} --http --url https://relay.example/some/page", "--url", "https://relay.example"),
        new("listening before anything ran", "listen iran --state {nothing}", "No local stack runs on .*nothing", "relay up"),
        new("no delegation", "listen", "delegation", "--help"),
        new("a count below nothing", "listen iran --count -1", "--count.*'-1'", "expected a number"),
        new("a text for a document", "directory check {note.txt}", "note.txt is not a valid negotiation document", "expected"),
        new(
            "a document that is wrong",
            "directory put {bad-document.json} --state {s3}",
            "bad-document.json is not a valid negotiation document",
            "quorum: expected"),
        new("a document that is not there", "directory check {doha.json}", "doha.json' is not there", "path of a negotiation document"),
        new("a container that is not there", "directory put {note.txt} --container {no-folder}", "--container", "such as https://account"),
        new(
            "an account for a container",
            "directory put {note.txt} --container https://account.blob.core.windows.net",
            "--container",
            "directory"),
        new(
            "a container over http",
            "directory put {note.txt} --container http://127.0.0.1:10000/devstoreaccount1/directory",
            "--container",
            "https"),
        new("a text for a receipt", "verify receipt {note.txt}", "note.txt is not a receipt", "relay listen --save-receipts"),
        new("evidence that is not there", "verify evidence {fork.json}", "fork.json", "path of the file|is not there"),
        new(
            "another relay without a certificate",
            "verify ledger --url https://relay.example --vault https://kv.vault.azure.net",
            "--client-certificate",
            "certificate"),
        new(
            "a certificate that is none",
            "verify ledger --url https://relay.example --vault https://kv.vault.azure.net --client-certificate {note.txt}",
            "note.txt",
            "PEM"),
        new("a store that is not there", "check {no-store} --without-key", "no-store", "Give a folder"),
        new("half a storage connection string", "check AccountName=x --without-key", "store", "connection string"),
        new("limits that are not", "topology config --limits azure", "--limits.*'azure'", "official.*cloud"),
        new("a topology that is none", "topology config --file {note.txt}", "note.txt is not a topology", "infra/README.md"),
        new("too few envelopes", "demo --envelopes 3", "--envelopes.*'3'", "200 to 100000"),
        new("where, but not against what", "demo --url http://localhost:7071", "--url", "--against"),
        new("against a stack that does not run", "demo --against local --state {nothing}", "No local stack runs on .*nothing", "relay up"),
        new("a text for a document", "audit iran --document {note.txt}", "note.txt is not a valid negotiation document", "expected"),
        new("a log's file for evidence", "verify evidence {note.txt}", "note.txt is no such file", "expected"),
    ];

    private readonly SlipFolder _folder;

    public SlipTests(SlipFolder folder) => _folder = folder;

    public static TheoryData<Slip> Slips => [.. All];

    [Theory]
    [MemberData(nameof(Slips))]
    public async Task Slip_OfANewcomer_IsAnsweredByOneLineThatSaysWhatToDo(Slip slip)
    {
        var words = slip.WordsOf(word => word == "{?}" ? "" : _folder.Fill(word));
        slip.Check(
            slip.IsRunApart(All)
                ? await RelayProgram.RunAsync(_folder.Root, null, words)
                : await RecordingTerminal.RunOnceAsync(words));
    }

    [Fact]
    public async Task Up_OnAFolderThatMayNotBeWritten_NamesItAndAnother()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc, where not even root may make a folder, is there on Linux only.");
        var run = await RelayProgram.RunAsync(_folder.Root, null, "up", "--state", "/proc/relay-state");
        Slip.AssertOneLine(run, "/proc/relay-state", "--state");
    }

    [Fact]
    public void Slips_AreManyAndDistinct()
    {
        Assert.True(All.Length >= 40, $"{All.Length}");
        Assert.Equal(All.Length, All.Select(slip => slip.Line).Distinct(StringComparer.Ordinal).Count());
    }
}
