// Relay in one deployment. Subscription scope, so that the resource groups and their tags are declared too and a what-if shows all of it.
targetScope = 'subscription'

metadata description = 'Service Bus, Key Vault, Storage, a Flex Consumption function app, monitoring, network and every role assignment.'

@description('Names the deployment: lower-case letters and digits, 2 to 16.')
@minLength(2)
@maxLength(16)
param environmentName string

@description('Region of everything but the standby.')
param location string

@description('Premium: private endpoints, geo-replication, fixed capacity, messages up to 100 MB, no throttling by neighbours. Standard has none of these; its messages end at 256 KB, header included, so the envelope limit shrinks to 192 KiB. List prices of 2025, US$: Premium some 690 a month and unit, twice that with a second region, operations included; Standard 10 a month and 0.80 for a million operations, of which an envelope takes 6.')
@allowed(['Premium', 'Standard'])
param busTier string = 'Premium'

@description('Messaging units of a Premium namespace; about 4 MB/s each way per unit before duplicate detection.')
@allowed([1, 2, 4, 8, 16])
param messagingUnits int = 1

@description('Keys in an HSM (vault tier premium). A software key can be raised to this only by making a new key: decide before the first negotiation.')
param hsmKeys bool = false

@description('Private endpoints for bus, vault and storage, public access to them off. The bus needs Premium for it; on Standard it stays reachable, protected by tokens alone.')
param privateNetwork bool = false

@description('Address space of the network, at least a /24; used only with privateNetwork.')
param addressPrefix string = '10.60.0.0/22'

@description('Address space of the standby network; must not overlap the first when they are peered with one hub.')
param secondAddressPrefix string = '10.60.4.0/22'

@description('Second region, or empty for none: the bus replicates to it (Premium), storage becomes geo-redundant, a stopped function app waits in it.')
param secondLocation string = ''

@description('Days for which every version of a ledger blob can be neither changed nor deleted; 0 for none. The policy is deployed unlocked: locking it is a deliberate, irreversible act of its own.')
@minValue(0)
@maxValue(146000)
param ledgerImmutabilityDays int = 0

@description('Days that deleted or overwritten blobs can be brought back, and that a deleted vault or key can be recovered.')
@minValue(7)
@maxValue(90)
param recoveryDays int = 30

@description('Instances that never go cold, per function group. Groups: http, function:<name>.')
param alwaysReady array = []

@description('Most instances at once. Bounds the cost of a flood.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('Memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Grants the relay Data Owner on its two queues, which is what reading their length takes, so that scaling follows the backlog. Without it scaling is slower and the relay cannot alter or delete its queues.')
param scaleOnQueueLength bool = false

@description('Role with exactly the data actions keys/read and keys/sign. Empty: the deployment defines it, which needs the right to write role definitions.')
param signingRoleId string = ''

@description('Object id of each delegation, by its name in topology.json; absent: nothing is granted to it.')
param delegationPrincipals object = {}

@description('Object id of each mediator, by its name in topology.json; absent: nothing is granted to it.')
param mediatorPrincipals object = {}

@description('Object ids of the groups that keep the directory and read signals. Not the deployers: those hold no data right at all.')
param operatorPrincipals array = []

@description('More settings of the app, by name, e.g. Relay__Directory__MaxAge: for what has a default in the code. What the deployment sets itself wins.')
param appSettings object = {}

@description('Client certificates of operators, each by SHA-256 of its SubjectPublicKeyInfo in hexadecimal or base64url: who may change a negotiation\'s mode and the like. Empty for tokens with the app role Relay.Operator alone.')
@maxLength(16)
param operatorCertificates array = []

@description('Who gets alerts by mail.')
param alertEmails array = []

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('On every resource.')
param tags object = {}

var topology = loadJsonContent('topology.json')
var hasSecond = !empty(secondLocation)
var forwardTopics = map(topology.delegations, delegation => '${topology.delegationTopic.prefix}${delegation}')
var premium = busTier == 'Premium'

// Hash of subscription, environment and region: names stay the same from deployment to deployment and do not collide with other tenants'.
var token = uniqueString(subscription().id, environmentName, location)
// The vault and the storage accounts have 24 characters: the environment is cut, the hash (which covers all of it) is not.
var short = take(replace(environmentName, '-', ''), 7)
var allTags = union(tags, { 'azd-env-name': environmentName })
var names = {
  standbyGroup: 'rg-relay-${environmentName}-standby'
  identity: 'id-relay-${environmentName}-${token}'
  packagesIdentity: 'id-relay-packages-${environmentName}-${token}'
  bus: 'sb-relay-${environmentName}-${token}'
  vault: 'kv-${short}-${token}'
  data: 'std${short}${token}'
  host: 'sth${short}${token}'
  standbyHost: 'stk${short}${token}'
  packages: 'stp${short}${token}'
  standbyPackages: 'stq${short}${token}'
  app: 'func-relay-${environmentName}-${token}'
  standbyApp: 'func-relay2-${environmentName}-${token}'
}
// Worked out here, not read from the modules: what a name or a condition is made of has to be known before anything runs, or a what-if leaves
// out the whole module that uses it, and the role assignments are what a reviewer most wants to see.
var ownSigningRole = guid(subscription().id, 'relay-key-signer')
var signingRoleInUse = empty(signingRoleId) ? subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownSigningRole) : signingRoleId

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-relay-${environmentName}'
  location: location
  tags: allTags
}

// A group of its own: the same private DNS zones exist once per region, and a zone name exists once per group.
resource standbyGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = if (hasSecond) {
  name: names.standbyGroup
  location: secondLocation
  tags: tags
}

module signingRole 'modules/signingRole.bicep' = if (empty(signingRoleId)) {
  name: 'relay-signing-role'
  params: {
    name: ownSigningRole
  }
}

module identity 'modules/identity.bicep' = {
  name: 'relay-identity'
  scope: group
  params: {
    name: names.identity
    location: location
    tags: allTags
  }
}

// Reads and writes the app's package, and nothing else; the relay does not run as it.
module packagesIdentity 'modules/identity.bicep' = {
  name: 'relay-packages-identity'
  scope: group
  params: {
    name: names.packagesIdentity
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'relay-monitoring'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: allTags
    logRetentionDays: logRetentionDays
    alertEmails: alertEmails
    relayName: names.identity
    relayPrincipalId: identity.outputs.principalId
  }
}

module bus 'modules/serviceBus.bicep' = {
  name: 'relay-bus'
  scope: group
  params: {
    name: names.bus
    location: location
    secondLocation: secondLocation
    tags: allTags
    premium: premium
    messagingUnits: messagingUnits
    publicAccess: !(privateNetwork && premium)
    topology: topology
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/keyVault.bicep' = {
  name: 'relay-vault'
  scope: group
  params: {
    name: names.vault
    location: location
    tags: allTags
    hsmKeys: hsmKeys
    publicAccess: !privateNetwork
    recoveryDays: recoveryDays
    topology: topology
    workspaceId: monitoring.outputs.workspaceId
  }
}

module data 'modules/storage.bicep' = {
  name: 'relay-data'
  scope: group
  params: {
    name: names.data
    location: location
    tags: allTags
    // Zone copies alone do not outlive a region.
    redundancy: hasSecond ? 'Standard_GZRS' : 'Standard_ZRS'
    publicAccess: !privateNetwork
    ledgerImmutabilityDays: ledgerImmutabilityDays
    recoveryDays: recoveryDays
    containers: topology.containers
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'relay-network'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: allTags
    addressPrefix: addressPrefix
    busId: bus.outputs.id
    connectBus: premium
    vaultId: vault.outputs.id
    dataId: data.outputs.id
  }
}

module app 'modules/app.bicep' = {
  name: 'relay-app'
  scope: group
  params: {
    name: names.app
    hostStorageName: names.host
    packageStorageName: names.packages
    packagesIdentityId: packagesIdentity.outputs.id
    packagesIdentityName: names.packagesIdentity
    packagesPrincipalId: packagesIdentity.outputs.principalId
    location: location
    tags: union(allTags, { 'azd-service-name': 'relay' })
    enabled: true
    identityId: identity.outputs.id
    identityName: names.identity
    identityClientId: identity.outputs.clientId
    identityPrincipalId: identity.outputs.principalId
    busHost: bus.outputs.host
    dataEndpoint: data.outputs.blobEndpoint
    vaultUri: vault.outputs.uri
    forwardTopics: forwardTopics
    maxEnvelopeBytes: premium ? 262144 : 196608
    otherSettings: appSettings
    operatorCertificates: operatorCertificates
    private: privateNetwork
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    endpointSubnetId: privateNetwork ? network!.outputs.endpointSubnetId : ''
    blobZoneId: privateNetwork ? network!.outputs.blobZoneId : ''
    alwaysReady: alwaysReady
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    applicationInsightsConnection: monitoring.outputs.applicationInsightsConnection
    workspaceId: monitoring.outputs.workspaceId
  }
  // The settings name bus, vault and storage; without the grants the first start would fail and be retried cold.
  dependsOn: [access]
}

module standbyNetwork 'modules/network.bicep' = if (privateNetwork && hasSecond) {
  name: 'relay-standby-network'
  // By name: the group's symbol may stand for nothing, which a scope cannot.
  scope: resourceGroup(names.standbyGroup)
  params: {
    environmentName: environmentName
    location: secondLocation
    tags: tags
    addressPrefix: secondAddressPrefix
    busId: bus.outputs.id
    connectBus: premium
    vaultId: vault.outputs.id
    dataId: data.outputs.id
  }
  dependsOn: [standbyGroup]
}

// Deployed with the first so that a failover starts an app instead of creating one while a region is down.
module standby 'modules/app.bicep' = if (hasSecond) {
  name: 'relay-standby-app'
  scope: resourceGroup(names.standbyGroup)
  params: {
    name: names.standbyApp
    hostStorageName: names.standbyHost
    packageStorageName: names.standbyPackages
    packagesIdentityId: packagesIdentity.outputs.id
    packagesIdentityName: names.packagesIdentity
    packagesPrincipalId: packagesIdentity.outputs.principalId
    location: secondLocation
    tags: tags
    enabled: false
    identityId: identity.outputs.id
    identityName: names.identity
    identityClientId: identity.outputs.clientId
    identityPrincipalId: identity.outputs.principalId
    busHost: bus.outputs.host
    dataEndpoint: data.outputs.blobEndpoint
    vaultUri: vault.outputs.uri
    forwardTopics: forwardTopics
    maxEnvelopeBytes: premium ? 262144 : 196608
    otherSettings: appSettings
    operatorCertificates: operatorCertificates
    private: privateNetwork
    subnetId: privateNetwork ? standbyNetwork!.outputs.appSubnetId : ''
    endpointSubnetId: privateNetwork ? standbyNetwork!.outputs.endpointSubnetId : ''
    blobZoneId: privateNetwork ? standbyNetwork!.outputs.blobZoneId : ''
    alwaysReady: []
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    applicationInsightsConnection: monitoring.outputs.applicationInsightsConnection
    workspaceId: monitoring.outputs.workspaceId
  }
  dependsOn: [
    access
    standbyGroup
  ]
}

module access 'modules/access.bicep' = {
  name: 'relay-access'
  scope: group
  params: {
    topology: topology
    busName: names.bus
    vaultName: names.vault
    dataName: names.data
    relayName: names.identity
    relayPrincipalId: identity.outputs.principalId
    delegationPrincipals: delegationPrincipals
    mediatorPrincipals: mediatorPrincipals
    operatorPrincipals: operatorPrincipals
    signingRoleId: signingRoleInUse
    scaleOnQueueLength: scaleOnQueueLength
  }
  dependsOn: [
    bus
    vault
    data
    signingRole
  ]
}

module alerts 'modules/alerts.bicep' = {
  name: 'relay-alerts'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: allTags
    topology: topology
    premium: premium
    busId: bus.outputs.id
    vaultId: vault.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    actionGroupId: monitoring.outputs.actionGroupId
    appHost: app.outputs.host
  }
}

@description('Group of everything but the standby.')
output resourceGroupName string = group.name

@description('Base address of the function app, without the route prefix.')
output appUri string = 'https://${app.outputs.host}'

@description('Name of the function app, for its deployment.')
output appName string = app.outputs.name

@description('Host name that producers and delegations connect to.')
output busHost string = bus.outputs.host

@description('Base address of the keys named in signatures.')
output vaultUri string = vault.outputs.uri

@description('Container that operators write the negotiations\' documents to.')
output directoryUri string = '${data.outputs.blobEndpoint}directory'
