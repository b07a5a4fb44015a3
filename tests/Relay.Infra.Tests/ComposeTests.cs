using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Infra.Tests;

/// <summary>
/// infra/local/compose.yml by the rules of the Compose specification that it uses, and some of our own. No Docker needed.
/// </summary>
public sealed partial class ComposeTests
{
    private static readonly string[] ServiceMembers =
    [
        "image", "command", "entrypoint", "environment", "depends_on", "ports", "volumes", "networks", "healthcheck",
    ];
    private static readonly string[] HealthMembers = ["test", "interval", "timeout", "retries", "start_period"];

    [Fact]
    public async Task Compose_RepositoryFile_IsValid()
    {
        var compose = await InfraSources.ParseYamlAsync("infra/local/compose.yml", TestContext.Current.CancellationToken);
        Assert.Empty(Check(compose));
    }

    [Theory]
    [InlineData("no image", """{ "services": { "a": { "healthcheck": { "test": ["CMD", "true"] } } } }""", "image")]
    [InlineData(
        "a moving tag", """{ "services": { "a": { "image": "x/y:latest", "healthcheck": { "test": ["CMD", "true"] } } } }""", "tag")]
    [InlineData(
        "an unknown member",
        """{ "services": { "a": { "image": "x:1", "port": [], "healthcheck": { "test": ["CMD", "true"] } } } }""",
        "'port'")]
    [InlineData("an unknown section", """{ "service": {} }""", "'service'")]
    [InlineData("waiting for nobody", """{ "services": { "a": { "image": "x:1", "depends_on": { "b": { "condition": "service_started" } }, "healthcheck": { "test": ["CMD", "true"] } } } }""", "'b'")]
    [InlineData("waiting for health that is not checked", """{ "services": { "a": { "image": "x:1", "depends_on": { "bus": { "condition": "service_healthy" } }, "healthcheck": { "test": ["CMD", "true"] } }, "bus": { "image": "x:1" } } }""", "health")]
    [InlineData(
        "reachable from outside",
        """{ "services": { "a": { "image": "x:1", "ports": ["5672:5672"], "healthcheck": { "test": ["CMD", "true"] } } } }""",
        "5672:5672")]
    [InlineData("a password in the file", """{ "services": { "a": { "image": "x:1", "environment": { "SA_PASSWORD": "hunter2" }, "healthcheck": { "test": ["CMD", "true"] } } } }""", "SA_PASSWORD")]
    [InlineData(
        "an undeclared volume",
        """{ "services": { "a": { "image": "x:1", "volumes": ["v:/data"], "healthcheck": { "test": ["CMD", "true"] } } } }""",
        "'v'")]
    [InlineData(
        "an undeclared network",
        """{ "services": { "a": { "image": "x:1", "networks": ["n"], "healthcheck": { "test": ["CMD", "true"] } } } }""",
        "'n'")]
    [InlineData("no health check", """{ "services": { "a": { "image": "x:1" } } }""", "health")]
    [InlineData(
        "a bad interval",
        """{ "services": { "a": { "image": "x:1", "healthcheck": { "test": ["CMD", "true"], "interval": "5" } } } }""",
        "interval")]
    public void Compose_Mistake_IsFound(string what, string json, string named)
    {
        using var compose = JsonDocument.Parse(json);
        var mistakes = Check(compose.RootElement);
        Assert.True(
            mistakes.Any(mistake => mistake.Contains(named, StringComparison.Ordinal)),
            $"{what}: expected '{named}' in: {string.Join("; ", mistakes)}");
    }

    private static List<string> Check(JsonElement compose)
    {
        var mistakes = new List<string>();
        var unknown = compose.EnumerateObject().Select(member => member.Name).Except(["name", "services", "networks", "volumes"]);
        mistakes.AddRange(unknown.Select(name => $"'{name}' is not a section"));
        if (!compose.TryGetProperty("services", out var services))
        {
            return [.. mistakes, "there are no services"];
        }

        foreach (var service in services.EnumerateObject())
        {
            mistakes.AddRange(CheckService(compose, services, service.Name, service.Value).Select(mistake => $"{service.Name}: {mistake}"));
        }

        return mistakes;
    }

    private static IEnumerable<string> CheckService(JsonElement compose, JsonElement services, string name, JsonElement service)
    {
        foreach (var member in service.EnumerateObject().Where(member => !ServiceMembers.Contains(member.Name)))
        {
            yield return $"'{member.Name}' is not a member that this file may use";
        }

        var image = service.TryGetProperty("image", out var given) ? given.GetString()! : "";
        if (!Image().IsMatch(image) || image.EndsWith("latest", StringComparison.Ordinal))
        {
            yield return $"image '{image}' has no fixed tag";
        }

        foreach (var need in Members(service, "depends_on"))
        {
            var condition = need.Value.GetProperty("condition").GetString();
            if (!services.TryGetProperty(need.Name, out var other))
            {
                yield return $"depends on '{need.Name}', which is no service";
            }
            else if (condition is not ("service_started" or "service_healthy")
                || (condition == "service_healthy" && !other.TryGetProperty("healthcheck", out _)))
            {
                yield return $"waits for '{need.Name}' to be {condition}, and its health is not checked";
            }
        }

        foreach (var port in Items(service, "ports").Where(port => !Port().IsMatch(port.GetString()!)))
        {
            yield return $"port {port} is not bound to loopback";
        }

        foreach (var variable in Members(service, "environment").Where(
            variable => SecretName().IsMatch(variable.Name) && !Required().IsMatch(variable.Value.GetString()!)))
        {
            yield return $"{variable.Name} is written down; take it from the environment with an error when it is not set";
        }

        foreach (var volume in Items(service, "volumes"))
        {
            var source = volume.ValueKind == JsonValueKind.String
                ? volume.GetString()!.Split(':')[0]
                : volume.GetProperty("source").GetString()!;
            var isBind = volume.ValueKind == JsonValueKind.Object && volume.GetProperty("type").GetString() == "bind";
            if (source.StartsWith('.') ? !isBind : Members(compose, "volumes").All(declared => declared.Name != source))
            {
                yield return $"volume '{source}' is neither declared nor a bind in its long form";
            }
        }

        foreach (var network in Items(service, "networks").Where(
            network => Members(compose, "networks").All(declared => declared.Name != network.GetString())))
        {
            yield return $"network '{network}' is not declared";
        }

        // The bus is watched from outside its container, by the service 'ready'.
        if (!service.TryGetProperty("healthcheck", out var health))
        {
            if (name != "bus")
            {
                yield return "its health is not checked";
            }

            yield break;
        }

        foreach (var member in health.EnumerateObject().Where(member => !HealthMembers.Contains(member.Name)))
        {
            yield return $"'{member.Name}' is not a member of a health check";
        }

        if (!health.TryGetProperty("test", out var test)
            || test.ValueKind != JsonValueKind.Array
            || test[0].GetString() is not ("CMD" or "CMD-SHELL"))
        {
            yield return "a health check needs a test: a list that begins with CMD or CMD-SHELL";
        }

        foreach (var duration in health.EnumerateObject()
            .Where(
                member => member.Name is "interval" or "timeout" or "start_period" && !Duration().IsMatch(member.Value.ToString())))
        {
            yield return $"{duration.Name} {duration.Value} is not a duration";
        }
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default;

    [GeneratedRegex("^[a-z0-9./-]+:[A-Za-z0-9][A-Za-z0-9._-]*$")]
    private static partial Regex Image();

    [GeneratedRegex(@"^127\.0\.0\.1:\d{1,5}:\d{1,5}$")]
    private static partial Regex Port();

    [GeneratedRegex("PASSWORD|SECRET|TOKEN|KEY", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"^\$\{[A-Z_]+:\?[^}]+\}$")]
    private static partial Regex Required();

    [GeneratedRegex(@"^\d+(ms|s|m|h)$")]
    private static partial Regex Duration();
}
